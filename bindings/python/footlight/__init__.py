"""The Footlight player for Python: one engine, as in browsers and on phones.

    async with footlight.Player(fast=True) as player:
        player.load("https://cdn.example/film.mpd")
        player.play()
        async for event in player.events():
            ...
"""

from __future__ import annotations

from types import TracebackType
from typing import AsyncIterator, Optional, Sequence

from . import footlight_ffi as _ffi
from .footlight_ffi import (
    FootlightError,
    HttpFailure,
    HttpReply,
    HttpRequest,
    HttpStack,
    LanguageTrack,
    MediaKind,
    MediaOutput,
    OutputReport,
    PlaybackFault,
    PlayerEvent,
    PlayerSnapshot,
    PlayerState,
    PlayerTimeline,
    SettingsStore,
    SinkAppend,
    SinkState,
    SinkTrackInfo,
    TextCue,
    TimeSpan,
    VideoRendition,
    live_objects,
    replay_recording,
    version,
)

__all__ = [
    "FootlightError",
    "HttpFailure",
    "HttpReply",
    "HttpRequest",
    "HttpStack",
    "LanguageTrack",
    "MediaKind",
    "MediaOutput",
    "OutputReport",
    "PlaybackError",
    "PlaybackFault",
    "Player",
    "PlayerEvent",
    "PlayerSnapshot",
    "PlayerState",
    "PlayerTimeline",
    "SettingsStore",
    "SinkAppend",
    "SinkState",
    "SinkTrackInfo",
    "TextCue",
    "TimeSpan",
    "VideoRendition",
    "live_objects",
    "replay_recording",
    "version",
]


class PlaybackError(Exception):
    """Playback stopped; ``fault`` says why and what can be done."""

    def __init__(self, fault: PlaybackFault) -> None:
        super().__init__(f"{fault.code}: {fault.message}")
        self.fault = fault


class Player:
    """A player. Use it as an asynchronous context manager: its requests end with the block.

    Without ``http`` it has a stack of its own, which keeps media in the folder ``cache_in``; without ``output`` media is not shown
    but verified. With ``store`` it remembers the network's throughput and the viewer's languages.
    """

    def __init__(
        self,
        *,
        algorithm: str = "",
        initial_bandwidth: int = 0,
        buffer_goal: float = 0.0,
        seed: int = 0,
        fast: bool = False,
        audio_languages: Sequence[str] = (),
        text_languages: Sequence[str] = (),
        text_enabled: bool = False,
        record_to: str = "",
        cache_in: str = "",
        cache_limit: int = 512 << 20,
        http: Optional[HttpStack] = None,
        output: Optional[MediaOutput] = None,
        store: Optional[SettingsStore] = None,
    ) -> None:
        options = _ffi.PlayerOptions(
            algorithm=algorithm,
            initial_bandwidth=initial_bandwidth,
            buffer_goal=buffer_goal,
            seed=seed,
            fast=fast,
            audio_languages=list(audio_languages),
            text_languages=list(text_languages),
            text_enabled=text_enabled,
            record_to=record_to,
            cache_in=cache_in,
            cache_limit=cache_limit,
        )
        self._player = _ffi.MediaPlayer(options, http, output, store)

    async def __aenter__(self) -> Player:
        return self

    async def __aexit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Ends playback, and waits until everything is let go of: a recording is complete then."""
        self._player.close()
        while await self._player.next_event() is not None:
            pass

    async def events(self) -> AsyncIterator[PlayerEvent]:
        """What happens, until the player is closed."""
        while (event := await self._player.next_event()) is not None:
            yield event

    async def play_to_end(self) -> None:
        """Plays, and returns at the end; raises :class:`PlaybackError` when playback stops before it."""
        self.play()
        async for event in self.events():
            if event.is_ENDED():
                return
            if event.is_FAILED():
                raise PlaybackError(event.fault)

    async def snapshot(self) -> PlayerSnapshot:
        """What is the case now."""
        snapshot = await self._player.snapshot()
        if snapshot is None:
            raise RuntimeError("the player is closed")
        return snapshot

    def load(self, url: str, start: Optional[float] = None) -> None:
        """Plays this manifest from ``start`` seconds, or from its beginning or live edge."""
        self._player.load(url, start)

    def unload(self) -> None:
        """Forgets what is loaded."""
        self._player.unload()

    def play(self) -> None:
        """Plays."""
        self._player.play()

    def pause(self) -> None:
        """Pauses."""
        self._player.pause()

    def retry(self) -> None:
        """After an error: goes on from the same position."""
        self._player.retry()

    def seek(self, position: float) -> None:
        """Goes to this position, in seconds."""
        self._player.seek(position)

    def go_live(self) -> None:
        """Goes to the live edge."""
        self._player.go_live()

    def set_rate(self, rate: float) -> None:
        """Plays at this speed, from 0.062 to 16."""
        self._player.set_rate(rate)

    def select_audio(self, track: int) -> None:
        """Plays this sound track."""
        self._player.select_audio(track)

    def select_text(self, track: Optional[int]) -> None:
        """Shows this text track, or none."""
        self._player.select_text(track)

    def select_rendition(self, rendition: Optional[int]) -> None:
        """Keeps to this rendition, or chooses automatically."""
        self._player.select_rendition(rendition)

    def findings(self) -> list[str]:
        """What the verifying output found since it was asked last, a line each."""
        return self._player.findings()
