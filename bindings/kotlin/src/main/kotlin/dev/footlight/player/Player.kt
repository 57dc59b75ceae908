package dev.footlight.player

import java.nio.ByteBuffer
import java.util.concurrent.atomic.AtomicBoolean
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.withContext

/** Playback stopped; [fault] says why and what can be done. */
public class PlaybackException(public val fault: PlaybackFault) : Exception("${fault.code}: ${fault.message}")

/**
 * A player; times are seconds. Its requests end with [close].
 *
 * Without [http] it uses a stack of its own, if the library was built with one; without [output] media is not shown but
 * verified (see [findings]). With [store] it remembers the network's throughput and the viewer's languages. All three are
 * called from the player's own thread and must return at once.
 *
 * @throws FootlightException when an option has a value that it cannot have, or there is no HTTP stack
 */
public class Player(
    options: PlayerOptions = PlayerOptions(),
    http: HttpStack? = null,
    output: MediaOutput? = null,
    store: SettingsStore? = null,
) : AutoCloseable {
    private val native = MediaPlayer(options, http, output, store)
    private val closed = AtomicBoolean()

    /** What happens, until the player is closed. Each event is told once: `shareIn` is for more than one collector. */
    public val events: Flow<PlayerEvent> = flow {
        while (true) emit(nextEvent() ?: break)
    }

    private suspend fun nextEvent(): PlayerEvent? =
        try {
            if (closed.get()) null else native.nextEvent()
        } catch (cancelled: CancellationException) {
            throw cancelled
        } catch (gone: IllegalStateException) {
            // Closed by another thread in between.
            if (closed.get()) null else throw gone
        }

    /** Plays, and returns at the end. [PlaybackException] when playback stops before it. Takes all [events] until then. */
    public suspend fun playToEnd() {
        play()
        while (true) {
            when (val event = checkNotNull(nextEvent()) { CLOSED }) {
                is PlayerEvent.Ended -> return
                is PlayerEvent.Failed -> throw PlaybackException(event.fault)
                else -> {}
            }
        }
    }

    /** What is the case now. */
    public suspend fun snapshot(): PlayerSnapshot = checkNotNull(if (closed.get()) null else native.snapshot()) { CLOSED }

    /** Plays this manifest from [start], or from its beginning or live edge; ends whatever was loaded. */
    public fun load(url: String, start: Double? = null): Unit = ask { load(url, start) }

    /** Forgets what is loaded. */
    public fun unload(): Unit = ask { unload() }

    /** Plays. */
    public fun play(): Unit = ask { play() }

    /** Pauses. */
    public fun pause(): Unit = ask { pause() }

    /** After an error: goes on from the same position. */
    public fun retry(): Unit = ask { retry() }

    /** Goes to this position. */
    public fun seek(position: Double): Unit = ask { seek(position) }

    /** Goes to the live edge. */
    public fun goLive(): Unit = ask { goLive() }

    /** Plays at this speed, from 0.062 to 16. */
    public fun setRate(rate: Double): Unit = ask { setRate(rate) }

    /** Plays this sound track. */
    public fun selectAudio(track: UInt): Unit = ask { selectAudio(track) }

    /** Shows this text track, or none. */
    public fun selectText(track: UInt?): Unit = ask { selectText(track) }

    /** Keeps to this rendition, or chooses automatically. */
    public fun selectRendition(rendition: UInt?): Unit = ask { selectRendition(rendition) }

    /** Where the picture is shown, in device pixels (0: unknown), and how much of it is wanted. */
    public fun setSurroundings(
        width: UInt,
        height: UInt,
        visible: Boolean = true,
        online: Boolean = true,
        saveData: Boolean = false,
    ): Unit = ask { setSurroundings(width, height, visible, online, saveData) }

    /** What the verifying output found since it was asked last, a line each. */
    public fun findings(): List<String> = ask { findings() }

    /** Ends playback and requests, and returns at once. */
    override fun close() {
        if (closed.compareAndSet(false, true)) {
            native.shut()
            native.close()
        }
    }

    /** Ends playback, and returns when everything is let go of: a recording is complete then. */
    public suspend fun closeAndJoin(): Unit = withContext(NonCancellable) {
        if (closed.compareAndSet(false, true)) {
            native.shut()
            do {
                val told = native.nextEvent()
            } while (told != null)
            native.close()
        }
    }

    private inline fun <T> ask(command: MediaPlayer.() -> T): T {
        check(!closed.get()) { CLOSED }
        return native.command()
    }

    private companion object {
        const val CLOSED = "the player is closed"
    }
}

/**
 * Plays a recording to a new engine, and gives back what it answers: the same bytes on every platform.
 *
 * @throws FootlightException.NoRecording
 */
public fun replayRecording(recording: ByteArray): ByteArray =
    replayBuffer(ByteBuffer.allocateDirect(recording.size).put(recording).flip() as ByteBuffer)
