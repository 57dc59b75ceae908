"""Makes the sound of a title in one language: a bed of music that loops, and espeak-ng's voice over it.

    sound.py ID LANGUAGE OUT.wav
"""

import subprocess
import sys
import tempfile
import wave
from pathlib import Path

import numpy as np

from titles import LANGUAGES, TITLES

RATE = 48000
N = RATE * 16
TAU = 2 * np.pi


def hertz(note):
    """Frequency of a MIDI note number."""
    return 440 * 2 ** ((note - 69) / 12)


def place(out, start, sound, pan=0.0, gain=1.0):
    """Add mono `sound` at `start` seconds; what passes the end of the loop goes on at its beginning."""
    at = (int(start * RATE) + np.arange(len(sound))) % N
    left, right = np.cos((pan + 1) * np.pi / 4), np.sin((pan + 1) * np.pi / 4)
    np.add.at(out[0], at, sound * gain * left)
    np.add.at(out[1], at, sound * gain * right)


def envelope(length, attack, release):
    t = np.arange(int(length * RATE)) / RATE
    return np.clip(t / attack, 0, 1) ** 1.5 * np.clip((length - t) / release, 0, 1) ** 1.5


def pad(note, length, bright=0.5, detune=0.12):
    t = np.arange(int(length * RATE)) / RATE
    total = 0
    for shift in (-detune, 0, detune):
        f = hertz(note + shift)
        for k in range(1, 7):
            total = total + np.sin(TAU * f * k * t + k * shift * 9) * bright ** (k - 1) / k
    return total / 3 * envelope(length, 1.1, 1.6)


def pluck(note, length=2.4, decay=1.4, tone=(1, 0.45, 0.18, 0.08), stretch=1.0):
    t = np.arange(int(length * RATE)) / RATE
    f = hertz(note)
    total = sum(a * np.sin(TAU * f * (1 + (k * stretch)) * t) * np.exp(-t * (1 + 0.9 * k) / decay * 2.2) for k, a in enumerate(tone))
    return total * np.clip(t / 0.004, 0, 1) * np.clip((length - t) / 0.2, 0, 1)


def noise(seed, low, high):
    """Noise between two frequencies that loops, deviation 1."""
    rng = np.random.default_rng(seed)
    f = np.fft.rfftfreq(N, 1 / RATE)
    shape = 1 / (1 + (low / np.maximum(f, 1)) ** 4) / (1 + (f / high) ** 4)
    out = np.fft.irfft(np.fft.rfft(rng.standard_normal(N)) * np.sqrt(shape))
    return out / out.std()


def low_pass(sound, corner):
    f = np.fft.rfftfreq(sound.shape[-1], 1 / RATE)
    return np.fft.irfft(np.fft.rfft(sound) / (1 + (f / corner) ** 4), sound.shape[-1])


def hall(sound, seconds, wet, corner=3800):
    """Reverberation by circular convolution, so that the tail of the loop falls on its start."""
    rng = np.random.default_rng(2)
    t = np.arange(N) / RATE
    tail = rng.standard_normal((2, N)) * np.exp(-t * 6.9 / seconds) * np.clip(t / 0.02, 0, 1)
    tail = low_pass(tail, corner)
    tail /= np.sqrt((tail ** 2).sum(-1, keepdims=True))
    return sound + wet * np.fft.irfft(np.fft.rfft(sound) * np.fft.rfft(tail), N)


def tidewater():
    out = np.zeros((2, N))
    for k, chord in enumerate([(50, 57, 61, 66), (47, 54, 57, 62), (43, 55, 59, 66), (45, 52, 59, 62)]):
        for i, note in enumerate(chord):
            place(out, 4 * k - 0.5, pad(note, 5.6, 0.42), (i - 1.5) * 0.35, 0.16)
    tune = [(0.5, 78), (2.0, 81), (3.0, 76), (4.5, 74), (6.0, 78), (7.5, 73), (8.5, 71), (10.0, 74), (11.0, 78), (12.5, 76), (14.0, 81), (15.0, 74)]
    for i, (start, note) in enumerate(tune):
        place(out, start, pluck(note, 3.2, 1.9, (1, 0.3, 0.12, 0.05)), 0.5 * (-1) ** i, 0.15)
        place(out, start, pluck(note - 12, 3.2, 1.9), 0.2 * (-1) ** i, 0.07)
    t = np.arange(N) / RATE
    for channel, lag in ((0, 0.0), (1, 0.5)):
        swell = 0.35 + 0.65 * (0.5 - 0.5 * np.cos(TAU * (t - lag) / 8)) ** 2
        out[channel] += noise(31 + channel, 180, 1500) * swell * 0.030 + noise(41 + channel, 2500, 6500) * swell ** 3 * 0.007
    return hall(out, 3.4, 0.55)


def nightline():
    out = np.zeros((2, N))
    chords = [(45, 57, 60, 64), (41, 57, 60, 65), (48, 55, 60, 64), (43, 55, 59, 62)]
    beat = 0.5
    for k, chord in enumerate(chords):
        for i, note in enumerate(chord[1:]):
            place(out, 4 * k - 0.2, pad(note, 4.8, 0.62, 0.16), (i - 1) * 0.6, 0.10)
        for eighth in range(16):
            start = 4 * k + eighth * beat / 2
            note = chord[0] - 12 + (12 if eighth % 8 in (3, 6) else 0)
            place(out, start, low_pass(pluck(note, 0.34, 0.55, (1, 0.8, 0.6, 0.5, 0.35, 0.25)), 900), 0, 0.23)
        for step in range(32):
            note = (chord[1:] + (chord[1] + 12, chord[2] + 12))[(step * 3) % 5] + 12
            place(out, 4 * k + step * beat / 4, pluck(note, 0.5, 0.35, (1, 0.0, 0.4, 0.0, 0.2)), 0.75 * np.sin(step * 0.9), 0.050)
    t = np.arange(int(0.3 * RATE)) / RATE
    kick = np.sin(TAU * (48 * t + 9 * (1 - np.exp(-t * 28)))) * np.exp(-t * 13)
    hat = np.diff(np.random.default_rng(6).standard_normal(len(t) + 1)) * np.exp(-t * 75)
    for k in range(32):
        place(out, k * beat, kick, 0, 0.30)
        place(out, k * beat + beat / 2, hat, 0.25, 0.028)
    t = np.arange(N) / RATE
    passing = np.exp(-((t - 6.0) / 2.6) ** 2)
    out += np.stack([noise(51, 50, 320), noise(52, 50, 320)]) * passing * 0.035
    return hall(out, 2.2, 0.28, 5000)


def paperbirds():
    out = np.zeros((2, N))
    beat = 16 / 24
    bars = [(48, 60, 64, 67), (45, 60, 64, 69), (41, 57, 60, 65), (43, 59, 62, 67)] * 2
    wood = (1, 0.18, 0.32, 0.05)
    for k, (bass, *chord) in enumerate(bars):
        place(out, 3 * k * beat, pluck(bass, 2.6, 1.4, (1, 0.5, 0.15)), 0, 0.26)
        for b in (1, 2):
            for i, note in enumerate(chord):
                place(out, (3 * k + b) * beat + i * 0.012, pluck(note, 1.4, 0.55, wood, 1.4), (i - 1) * 0.5, 0.075)
        for i, note in enumerate(chord):
            place(out, 3 * k * beat - 0.3, pad(note + 12, 3 * beat + 1.4, 0.25), (i - 1) * 0.7, 0.028)
    tune = [(0, 79), (1.5, 76), (2, 79), (3, 81), (5, 76), (6, 77), (7.5, 76), (8, 72), (9, 74), (11, 71),
            (12, 72), (13, 76), (14, 79), (15, 84), (16.5, 83), (17, 81), (18, 81), (19, 79), (20, 77), (21, 79), (22, 74), (23, 71)]
    for i, (at, note) in enumerate(tune):
        place(out, at * beat, pluck(note, 2.0, 0.9, (1, 0.1, 0.30, 0.03), 1.5), 0.35 * np.sin(i), 0.17)
    return hall(out, 2.0, 0.35, 5000)


BEDS = {"tidewater": tidewater, "nightline": nightline, "paperbirds": paperbirds}


def speak(text, language, pace, pitch, folder):
    path = Path(folder) / "line.wav"
    subprocess.run(["espeak-ng", "-v", LANGUAGES[language]["voice"], "-s", str(pace), "-p", str(pitch), "-g", "2",
                    "-w", str(path), text], check=True)
    with wave.open(str(path)) as file:
        raw = np.frombuffer(file.readframes(file.getnframes()), np.int16) / 32768
        rate = file.getframerate()
    loud = np.nonzero(abs(raw) > 0.004)[0]
    raw = raw[loud[0]:loud[-1] + 1]
    out = np.interp(np.arange(int(len(raw) * RATE / rate)) * rate / RATE, np.arange(len(raw)), raw)
    out = low_pass(np.pad(out, (0, RATE // 10)), 7000)
    return out / np.sqrt((out[abs(out) > 0.01] ** 2).mean())


def voices(title, language):
    info = TITLES[title]
    dry, gate = np.zeros((2, N)), np.zeros(N)
    with tempfile.TemporaryDirectory() as folder:
        for start, end, speaker, _, texts in info["lines"]:
            if speaker is None:
                continue
            pitch = info["pitch"] + (18 if speaker == "Passenger" else 0)
            pace = info["pace"]
            sound = speak(texts[language], language, pace, pitch, folder)
            while len(sound) / RATE > end - start - 0.1 and pace < 210:
                pace += 8
                sound = speak(texts[language], language, pace, pitch, folder)
            if len(sound) / RATE > end - start:
                sys.exit(f"{title} {language}: '{texts[language]}' takes {len(sound) / RATE:.2f} s of {end - start:.2f}")
            place(dry, start, sound)
            first = int(start * RATE)
            gate[first:min(N, first + len(sound))] = 1
    return dry, gate


def main():
    title, language, target = sys.argv[1:]
    bed = BEDS[title]()
    bed *= 0.085 / np.sqrt((bed ** 2).mean())
    dry, gate = voices(title, language)
    soft = np.exp(-np.minimum(np.arange(N), N - np.arange(N)) / (0.12 * RATE))
    duck = np.fft.irfft(np.fft.rfft(gate) * np.fft.rfft(soft / soft.sum()), N)
    mixed = bed * (1 - 0.66 * np.clip(duck, 0, 1)) + hall(dry, 1.1, 0.22) * 0.105
    mixed = np.tanh(mixed * 1.25) * 0.8
    with wave.open(target, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((mixed.T * 32767).astype("<i2").tobytes())


if __name__ == "__main__":
    main()
