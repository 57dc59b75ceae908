"""The player through Python, against the backend that the test is given."""

import asyncio
import gc
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import footlight

ROOT = pathlib.Path(__file__).resolve().parents[3]
VECTORS = ROOT / "player-core/engine/tests/vectors"


class Backend:
    """The mock backend, on ports of its own."""

    def __enter__(self):
        binary = os.environ["FOOTLIGHT_BACKEND"]
        arguments = [binary, "--port", "0", "--edge-ports", "0,0", "--media", str(ROOT / "media")]
        self.process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
        self.edge = json.loads(self.process.stdout.readline())["edges"][0]
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()

    def url(self, path):
        return f"{self.edge}{path}"


class Urllib(footlight.HttpStack):
    """A stack of the host: urllib, on threads."""

    def __init__(self):
        self.pool = ThreadPoolExecutor(8)
        self.cancelled = set()
        self.kinds = []

    def send(self, id, request, reply):
        self.kinds.append(request.kind)
        self.pool.submit(self._run, id, request, reply)

    def cancel(self, id):
        self.cancelled.add(id)

    def _run(self, id, request, reply):
        headers = {field.name: field.value for field in request.headers}
        asked = urllib.request.Request(request.url, method=request.method, headers=headers)
        try:
            with urllib.request.urlopen(asked) as response:
                length = response.headers.get("content-length")
                reply.head(response.status, None if length is None else int(length), "", None)
                while id not in self.cancelled and (piece := response.read(65536)):
                    if not reply.data(piece):
                        return
                reply.end()
        except urllib.error.HTTPError as error:
            reply.head(error.code, 0, "", None)
            reply.end()
        except OSError:
            reply.failed(footlight.HttpFailure.NETWORK)


class Everything(footlight.MediaOutput):
    """An output that holds all that it is given, and is at its end as soon as that has come."""

    def __init__(self):
        self.bytes = 0
        self.asked = []
        self.spans = {}
        self.position = 0.0
        self.rate = 0.0
        self.ended = False

    def supports(self, mime):
        return mime.startswith(("video/mp4", "audio/mp4"))

    def open(self, tracks, duration, report):
        self.asked.append("open")
        self.duration = duration
        self.report = report
        report.opened()

    def change_type(self, track):
        self.asked.append("change_type")

    def append(self, append):
        self.bytes += len(append.data)
        span = footlight.TimeSpan(start=0.0, end=self.duration)
        is_media = b"moof" in append.data[:4096]
        if is_media:
            self.spans[append.kind] = [span]
        self.report.append_done(append.kind, self.spans.get(append.kind, []))

    def remove(self, kind, start, end):
        self.report.remove_done(kind, self.spans.get(kind, []))

    def end_of_stream(self):
        self.asked.append("end_of_stream")

    def set_duration(self, duration):
        self.duration = duration

    def seek(self, position):
        self.position = position

    def set_rate(self, rate):
        self.rate = rate

    def close(self):
        self.asked.append("close")

    def observe(self):
        if self.rate > 0 and self.spans:
            self.position = self.duration
            self.ended = True
        return footlight.SinkState(
            position=self.position,
            rate=self.rate or 1.0,
            paused=self.rate == 0,
            seeking=False,
            ended=self.ended,
            ready_state=4 if self.spans else 0,
            decoded_frames=0,
            dropped_frames=0,
        )


class Shelf(footlight.SettingsStore):
    """A store that lasts as long as the test."""

    def __init__(self):
        self.kept = {}
        self.asked = []

    def get(self, name):
        self.asked.append(name)
        return self.kept.get(name)

    def put(self, name, value):
        self.kept[name] = value


class Forgetful(footlight.SettingsStore):
    """A store that fails."""

    def get(self, name):
        raise OSError("no such drawer")

    def put(self, name, value):
        raise OSError("full")


class Failing(Everything):
    """An output whose open raises what nobody expects."""

    def open(self, tracks, duration, report):
        raise ValueError("no decoder today")


def untilled(player, wanted, timeout=30):
    async def wait():
        async for event in player.events():
            if wanted(event):
                return event
        raise AssertionError("the player ended")

    return asyncio.wait_for(wait(), timeout)


class Playback(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls):
        cls.backend = cls.enterClassContext(Backend())

    def tearDown(self):
        gc.collect()
        self.assertEqual(footlight.live_objects(), 0, "something is still held")

    async def test_titles_play_to_the_end(self):
        for title in ["tidewater", "paperbirds", "nightline"]:
            async with footlight.Player(fast=True) as player:
                player.load(self.backend.url(f"/media/{title}/timeline/manifest.mpd?duration=60"))
                await asyncio.wait_for(player.play_to_end(), 60)
                snapshot = await player.snapshot()
                self.assertEqual((snapshot.stalls, player.findings()), (0, []))
                self.assertAlmostEqual(snapshot.position, 60, delta=0.5)
                self.assertGreaterEqual(len(snapshot.renditions), 3)

    async def test_the_hosts_stack_is_used(self):
        stack = Urllib()
        async with footlight.Player(fast=True, http=stack) as player:
            player.load(self.backend.url("/media/tidewater/base/manifest.mpd?duration=30"))
            await asyncio.wait_for(player.play_to_end(), 60)
            self.assertEqual(player.findings(), [])
        self.assertLessEqual({"manifest", "index", "video", "audio"}, set(stack.kinds))
        stack.pool.shutdown()

    async def test_the_hosts_output_is_given_the_media(self):
        output = Everything()
        async with footlight.Player(output=output) as player:
            player.load(self.backend.url("/media/tidewater/number/manifest.mpd?duration=8"))
            player.play()
            await untilled(player, lambda event: event.is_ENDED())
        self.assertGreater(output.bytes, 10_000)
        self.assertEqual((output.asked[0], output.asked[-1]), ("open", "close"))
        del output.report

    async def test_what_goes_wrong_is_typed(self):
        with self.assertRaises(footlight.FootlightError.Option):
            footlight.Player(algorithm="clairvoyance")
        with self.assertRaises(footlight.FootlightError.NoRecording):
            footlight.replay_recording(b"no recording")
        async with footlight.Player() as player:
            player.load(self.backend.url("/media/nobody/number/manifest.mpd"))
            with self.assertRaises(footlight.PlaybackError) as raised:
                await asyncio.wait_for(player.play_to_end(), 30)
            self.assertEqual((raised.exception.fault.code, raised.exception.fault.status), ("network.status", 404))

    async def test_a_callback_that_fails_is_an_error_of_playback(self):
        async with footlight.Player(output=Failing()) as player:
            player.load(self.backend.url("/media/tidewater/number/manifest.mpd"))
            event = await untilled(player, lambda event: event.is_FAILED())
            self.assertIn("no decoder today", event.fault.message)

    async def test_waiting_may_be_cancelled_and_loses_nothing(self):
        async with footlight.Player(fast=True) as player:
            for _ in range(5):
                with self.assertRaises(asyncio.TimeoutError):
                    await asyncio.wait_for(player._player.next_event(), 0.01)
            player.load(self.backend.url("/media/tidewater/number/manifest.mpd?duration=10"))
            first = await asyncio.wait_for(player._player.next_event(), 30)
            self.assertEqual(first.state, footlight.PlayerState.LOADING)

    async def test_sessions_are_written_down(self):
        with tempfile.TemporaryDirectory() as folder:
            tape = os.path.join(folder, "session.flr")
            async with footlight.Player(fast=True, record_to=tape) as player:
                player.load(self.backend.url("/media/tidewater/number/manifest.mpd?duration=10&token=hush"))
                await asyncio.wait_for(player.play_to_end(), 30)
            recording = pathlib.Path(tape).read_bytes()
            self.assertNotIn(b"hush", recording)
            self.assertTrue(footlight.replay_recording(recording))

    async def test_the_hosts_store_remembers(self):
        shelf = Shelf()
        url = self.backend.url("/media/tidewater/number/manifest.mpd?duration=10")
        async with footlight.Player(fast=True, store=shelf) as player:
            player.load(url)
            await asyncio.wait_for(player.play_to_end(), 30)
            track = (await player.snapshot()).audio[-1]
            player.select_audio(track.id)
            player.select_text(None)
            await player.snapshot()
        bandwidth, _, at = shelf.kept["throughput"].partition("@")
        self.assertGreater(int(bandwidth) * int(at), 0)
        self.assertEqual(shelf.kept["preferences"].splitlines()[0], f"audio {track.language}")
        async with footlight.Player(fast=True, store=shelf) as player:
            player.load(url)
            await asyncio.wait_for(player.play_to_end(), 30)
            chosen = [track.language for track in (await player.snapshot()).audio if track.selected]
            self.assertEqual(chosen, [track.language])
        self.assertEqual(shelf.asked, ["throughput", "preferences"] * 2)

    async def test_a_store_that_fails_costs_nothing(self):
        async with footlight.Player(fast=True, store=Forgetful()) as player:
            player.load(self.backend.url("/media/tidewater/number/manifest.mpd?duration=10"))
            await asyncio.wait_for(player.play_to_end(), 30)

    async def test_media_is_kept_on_disk(self):
        with tempfile.TemporaryDirectory() as folder:
            for _ in range(2):
                async with footlight.Player(fast=True, cache_in=folder, cache_limit=1 << 20) as player:
                    player.load(self.backend.url("/media/tidewater/number/manifest.mpd?duration=10"))
                    await asyncio.wait_for(player.play_to_end(), 30)
                held = sum(file.stat().st_size for file in pathlib.Path(folder).iterdir())
                self.assertTrue(10_000 < held <= 1 << 20, held)

    async def test_the_readmes_player_plays(self):
        text = (ROOT / "bindings/python/README.md").read_text()
        program = re.search(r"```python\n(.*?)```", text, re.S).group(1)
        url = self.backend.url("/media/tidewater/number/manifest.mpd?duration=10")
        run = await asyncio.create_subprocess_exec(
            sys.executable, "-c", program, url, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        out, err = await asyncio.wait_for(run.communicate(), 60)
        self.assertEqual(run.returncode, 0, err.decode())
        self.assertIn("0 stalls, []", out.decode())


class Vectors(unittest.TestCase):
    def test_the_engine_answers_as_everywhere(self):
        recordings = sorted(VECTORS.glob("*.inputs"))
        self.assertGreaterEqual(len(recordings), 4)
        for recording in recordings:
            expected = recording.with_suffix(".outputs").read_bytes()
            self.assertEqual(footlight.replay_recording(recording.read_bytes()), expected, recording.name)


if __name__ == "__main__":
    unittest.main()
