#!/usr/bin/env bash
# Makes the sample media: media/make.sh [ID…]   (see README.md)
#
# FOOTLIGHT_MEDIA_WORK   where lossless masters are kept between runs (default: a folder under the system's temporary one)
# FOOTLIGHT_PYTHON       a Python 3 with numpy and Pillow (default: a virtual environment in the work folder)
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
tools=$here/tools
work=${FOOTLIGHT_MEDIA_WORK:-${TMPDIR:-/tmp}/footlight-media-work}
export PYTHONDONTWRITEBYTECODE=1
mkdir -p "$work"

for tool in ffmpeg espeak-ng python3; do
  command -v "$tool" >/dev/null || { echo "$tool is missing: apt-get install ffmpeg espeak-ng python3-venv fonts-dejavu fonts-liberation" >&2; exit 1; }
done
python=${FOOTLIGHT_PYTHON:-$work/venv/bin/python}
if ! "$python" -c 'import numpy, PIL' 2>/dev/null; then
  python3 -m venv "$work/venv"
  python=$work/venv/bin/python
  "$python" -m pip install -q 'numpy>=2,<3' 'pillow>=11,<14'
fi
sans=/usr/share/fonts/truetype/liberation/LiberationSans-Bold.ttf
mono=/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf

say() { printf '%s  %s\n' "$(date +%T)" "$*" >&2; }
quiet() { nice -n 10 ffmpeg -v error -nostdin -y "$@"; }
titles() { python3 -c "import sys; sys.path.insert(0, '$tools'); from titles import *; $1"; }

# The picture once, without loss.
master() {
  local id=$1 file=$work/$1.mkv
  [ -f "$file" ] && return
  say "$id: rendering 400 frames"
  (cd "$tools" && nice -n 10 "$python" render.py film "$id") |
    nice -n 10 ffmpeg -v error -y -f rawvideo -pix_fmt rgb24 -s 1920x1080 -r 25 -i - \
      -vf scale=out_color_matrix=bt709:out_range=tv,format=yuv420p -c:v libx264 -qp 0 -preset ultrafast -threads 2 \
      -colorspace bt709 -color_primaries bt709 -color_trc bt709 "$work/$id.part.mkv"
  mv "$work/$id.part.mkv" "$file"
}

# The burnt-in marks: the title, the time in the loop, the rendition.
marks() {
  local name=$1 label=$2 height=$3 clock='%{pts\:hms}' more
  local size=$((height * 30 / 1000)) edge=$((height * 45 / 1000))
  [ "$size" -ge 12 ] || size=12
  local pad=$((size / 3)) wide=$((size * (${#label} * 62 + 40) / 100))
  # Milliseconds change with every frame: they need more bits than their surroundings to stay legible on the low rungs.
  # libvpx cannot be told so; there the clock shows whole seconds.
  more=",addroi=iw-$((edge + wide + size * 8)):$((edge - 2)):$((size * 8)):$((size + 4)):-0.4"
  case $label in *VP9) clock='00\:00\:%{eif\:trunc(t)\:d\:2}' more= ;; esac
  local common="borderw=0:shadowx=1:shadowy=1:shadowcolor=black@0.45"
  printf '%s' "drawtext=fontfile=$sans:text='$name':fontsize=$size:fontcolor=white@0.78:x=$edge:y=$edge:$common,"
  printf '%s' "drawtext=fontfile=$sans:text='$label':fontsize=$size:fontcolor=white:box=1:boxcolor=black@0.5:boxborderw=$pad:x=w-tw-$edge:y=$edge,"
  printf '%s' "drawtext=fontfile=$mono:text='$clock':fontsize=$size:fontcolor=white@0.86:x=w-tw-$edge-$wide-$((size / 2)):y=$edge:$common$more"
}

# One rendition: two passes, capped, a closed group of 50 frames every two seconds.
video() {
  local id=$1 codec=$2 height=$3 width=$4 rate=$5 name=$6
  local label=${height}p options
  [ "$codec" = vp9 ] && label="${height}p VP9"
  local out=$here/$id/video-$codec-${height}p.mp4 pass=$work/$id-$codec-$height
  local filter
  filter="scale=$width:$height:flags=lanczos,$(marks "$name" "$label" "$height")"
  local common=(-i "$work/$id.mkv" -an -vf "$filter" -pix_fmt yuv420p -r 25 -b:v "${rate}k" -maxrate "$((rate * 15 / 10))k" -bufsize "$((rate * 2))k"
    -g 50 -keyint_min 50 -threads 2 -passlogfile "$pass" -colorspace bt709 -color_primaries bt709 -color_trc bt709 -color_range tv
    -map_metadata -1 -fflags +bitexact -flags:v +bitexact)
  if [ "$codec" = avc ]; then
    options=(-c:v libx264 -preset slow -profile:v high -bf 0 -sc_threshold 0 -flags:v +cgop+bitexact -x264-params open-gop=0:aq-mode=3:ref=4)
  else
    options=(-c:v libvpx-vp9 -deadline good -cpu-used 2 -row-mt 1 -tile-columns 1 -auto-alt-ref 1 -lag-in-frames 25 -force_key_frames 'expr:eq(mod(n,50),0)')
  fi
  say "$id: $label"
  quiet "${common[@]}" "${options[@]}" -pass 1 -f null /dev/null
  quiet "${common[@]}" "${options[@]}" -pass 2 -video_track_timescale 12800 \
    -movflags frag_keyframe+empty_moov+default_base_moof "$pass.mp4"
  python3 "$tools/refragment.py" "$pass.mp4" "$out" --count 400
}

# One language: three loops in a row are encoded and the middle one kept.
audio() {
  local id=$1 code=$2 iso=$3 opus=$4 flat=$work/$1-$2
  say "$id: sound $code"
  nice -n 10 "$python" "$tools/sound.py" "$id" "$code" "$flat.wav"
  local common=(-stream_loop 2 -i "$flat.wav" -map_metadata -1 -fflags +bitexact -flags:a +bitexact -metadata:s:a:0 "language=$iso"
    -frag_duration 2000000 -movflags empty_moov+default_base_moof)
  quiet "${common[@]}" -c:a aac -b:a 72k "$flat-aac.mp4"
  python3 "$tools/refragment.py" "$flat-aac.mp4" "$here/$id/audio-$code.mp4" --skip 751 --count 750
  if [ "$opus" = True ]; then
    quiet "${common[@]}" -c:a libopus -b:a 56k -frame_duration 20 "$flat-opus.mp4"
    python3 "$tools/refragment.py" "$flat-opus.mp4" "$here/$id/audio-opus-$code.mp4" --skip 800 --count 800
  fi
}

pictures() {
  local id=$1 width
  say "$id: pictures"
  (cd "$tools" && nice -n 10 "$python" render.py poster "$id" "$work/$id-poster.png" && nice -n 10 "$python" render.py hero "$id" "$work/$id-hero.png")
  for width in 300 600; do
    quiet -i "$work/$id-poster.png" -vf "scale=$width:-1:flags=lanczos" -c:v libwebp -quality 84 -compression_level 6 "$here/$id/poster-$width.webp"
  done
  for width in 800 1600; do
    quiet -i "$work/$id-hero.png" -vf "scale=$width:-1:flags=lanczos" -c:v libwebp -quality 82 -compression_level 6 "$here/$id/hero-$width.webp"
  done
  quiet -i "$work/$id.mkv" -vf "select='eq(mod(n,25),12)',scale=160:90:flags=lanczos,tile=4x4,format=yuvj420p" -frames:v 1 -q:v 3 "$here/$id/thumbs.jpg"
}

title() {
  local id=$1 name vp9 code iso height width rate
  name=$(titles "print(' '.join(TITLES['$id']['title'].upper()))")
  vp9=$(titles "print(TITLES['$id']['vp9'])")
  mkdir -p "$here/$id"
  master "$id"
  pictures "$id"
  python3 "$tools/describe.py" captions "$id" "$here/$id"
  while read -r code iso; do audio "$id" "$code" "$iso" "$vp9"; done \
    < <(titles "[print(c, LANGUAGES[c]['iso']) for c in TITLES['$id']['languages']]")
  while read -r height width rate; do video "$id" avc "$height" "$width" "$rate" "$name"; done \
    < <(titles "[print(*r) for r in LADDER]")
  if [ "$vp9" = True ]; then
    while read -r height width rate; do video "$id" vp9 "$height" "$width" "$rate" "$name"; done \
      < <(titles "[print(*r) for r in VP9_LADDER]")
  fi
  python3 "$tools/describe.py" title "$id" "$here/$id"
}

ids=("$@")
[ ${#ids[@]} -gt 0 ] || mapfile -t ids < <(titles "print('\n'.join(TITLES))")
for id in "${ids[@]}"; do title "$id"; done
python3 "$tools/check.py" "$here"
say "done; masters are in $work"
