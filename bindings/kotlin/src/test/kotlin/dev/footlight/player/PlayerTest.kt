package dev.footlight.player

import java.io.ByteArrayOutputStream
import java.io.File
import java.io.PrintStream
import java.util.Collections
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.atomic.AtomicInteger
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancel
import kotlinx.coroutines.flow.filterIsInstance
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import kotlinx.coroutines.withTimeoutOrNull
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

/** Its own, and what the stack of the library does in [Player]. */
class PlayerTest {
    /** All that was made is let go of, without waiting for a garbage collector. */
    @AfterEach
    fun nothingIsHeld() {
        val deadline = System.nanoTime() + 10.seconds.inWholeNanoseconds
        while (liveObjects() != 0L && System.nanoTime() < deadline) Thread.onSpinWait()
        assertEquals(0, liveObjects(), "something is still held")
    }

    private fun run(test: suspend CoroutineScope.() -> Unit) = runBlocking { withTimeout(60.seconds, test) }

    private suspend fun playsToTheEnd(path: String, http: HttpStack?, length: Double) {
        Player(PlayerOptions(fast = true), http).use { player ->
            player.load(backend.url(path))
            player.playToEnd()
            val snapshot = player.snapshot()
            assertEquals(0u, snapshot.stalls)
            assertEquals(emptyList<String>(), player.findings())
            assertEquals(length, snapshot.position, 0.5)
            assertTrue(snapshot.renditions.size >= 3, "${snapshot.renditions}")
        }
    }

    @Test
    fun `titles play to the end`() = run {
        for (title in listOf("tidewater", "paperbirds", "nightline")) {
            playsToTheEnd("/media/$title/timeline/manifest.mpd?duration=60", null, 60.0)
        }
    }

    @Test
    fun `the JVM's stacks are used`() = run {
        for (stack in listOf(JavaHttpStack(), UrlConnectionHttpStack())) {
            val kinds = Collections.synchronizedSet(mutableSetOf<String>())
            val told = object : HttpStack by stack {
                override fun send(id: ULong, request: HttpRequest, reply: HttpReply) {
                    kinds += request.kind
                    stack.send(id, request, reply)
                }
            }
            playsToTheEnd("/media/tidewater/base/manifest.mpd?duration=30", told, 30.0)
            assertTrue(kinds.containsAll(listOf("manifest", "index", "video", "audio")), "$kinds")
        }
    }

    @Test
    fun `what a stack is told is told to the player`() = run {
        for (stack in listOf(JavaHttpStack(), UrlConnectionHttpStack())) {
            Player(http = stack).use { player ->
                player.load(backend.url("/media/nobody/number/manifest.mpd"))
                val stopped = runCatching { player.playToEnd() }.exceptionOrNull() as PlaybackException
                assertEquals("network.status" to 404.toUShort(), stopped.fault.code to stopped.fault.status)
                player.load("http://127.0.0.1:1/nobody-listens.mpd")
                val failed = player.events.filterIsInstance<PlayerEvent.Failed>().first()
                assertEquals("network.unreachable", failed.fault.code)
            }
        }
    }

    @Test
    fun `a request is cancelled with its player`() = run {
        val begun = CompletableDeferred<String>()
        val cancelled = CompletableDeferred<Unit>()
        val scope = CoroutineScope(Dispatchers.Default)
        val stack = CoroutineHttpStack(scope) { request, _ ->
            begun.complete(request.kind)
            try {
                awaitCancellation()
            } finally {
                cancelled.complete(Unit)
            }
        }
        val playing = launch {
            Player(http = stack).use { player ->
                player.load(backend.url("/media/tidewater/number/manifest.mpd"))
                player.playToEnd()
            }
        }
        assertEquals("manifest", begun.await())
        playing.cancel()
        cancelled.await()
        scope.cancel()
    }

    @Test
    fun `an output is given the media`() = run {
        val output = Everything()
        Player(output = output).use { player ->
            player.load(backend.url("/media/tidewater/number/manifest.mpd?duration=8"))
            player.playToEnd()
            player.closeAndJoin()
        }
        assertTrue(output.bytes > 10_000, "${output.bytes}")
        assertEquals("open" to "release", output.asked.first() to output.asked.last())
    }

    @Test
    fun `a store remembers`() = run {
        val kept = ConcurrentHashMap<String, String>()
        val store = object : SettingsStore {
            override fun get(name: String): String? = kept[name]

            override fun put(name: String, value: String) {
                kept[name] = value
            }
        }
        Player(PlayerOptions(fast = true), store = store).use { player ->
            player.load(backend.url("/media/tidewater/number/manifest.mpd?duration=10"))
            player.playToEnd()
            player.closeAndJoin()
        }
        assertTrue("throughput" in kept.keys, "$kept")
    }

    @Test
    fun `what goes wrong in a call is typed`() {
        val wrong = assertThrows(FootlightException.Option::class.java) { Player(PlayerOptions(algorithm = "clairvoyance")) }
        assertEquals("algorithm" to "clairvoyance", wrong.option to wrong.value)
        assertThrows(FootlightException.NoRecording::class.java) { replayRecording("no recording".toByteArray()) }
        assertThrows(FootlightException.File::class.java) { Player(PlayerOptions(recordTo = "/no/such/folder")) }
        val closed = Player().apply { close() }
        assertThrows(IllegalStateException::class.java, closed::play)
    }

    @Test
    fun `a callback that fails is an error of playback`() = run {
        val failing = object : Everything() {
            override fun open(tracks: List<SinkTrackInfo>, duration: Double?, report: OutputReport) {
                this.report = report
                error("no decoder today")
            }
        }
        Player(output = failing).use { player ->
            player.load(backend.url("/media/tidewater/number/manifest.mpd"))
            val failed = player.events.filterIsInstance<PlayerEvent.Failed>().first()
            assertTrue("no decoder today" in failed.fault.message, failed.fault.message)
            player.closeAndJoin()
        }
    }

    @Test
    fun `waiting may be cancelled and loses nothing`() = run {
        Player(PlayerOptions(fast = true)).use { player ->
            repeat(5) { assertNull(withTimeoutOrNull(10.milliseconds) { player.events.first() }) }
            player.load(backend.url("/media/tidewater/number/manifest.mpd?duration=10"))
            assertEquals(PlayerEvent.StateChanged(PlayerState.LOADING), player.events.first())
        }
    }

    @Test
    fun `events end when the player is closed`() = run {
        val player = Player()
        val told = AtomicInteger()
        val collecting = launch { player.events.collect { told.incrementAndGet() } }
        launch(Dispatchers.Default) { player.close() }
        collecting.join()
        assertEquals(0, told.get())
    }

    @Test
    fun `sessions are written down`(@TempDir folder: File) = run {
        val tape = File(folder, "session.flr")
        Player(PlayerOptions(fast = true, recordTo = tape.path)).use { player ->
            player.load(backend.url("/media/tidewater/number/manifest.mpd?duration=10&token=hush"))
            player.playToEnd()
            player.closeAndJoin()
        }
        val recording = tape.readBytes()
        assertTrue("hush" !in String(recording, Charsets.ISO_8859_1))
        assertTrue(replayRecording(recording).isNotEmpty())
    }

    @Test
    fun `tracks are chosen and read`() = run {
        Player(PlayerOptions(fast = true, textLanguages = listOf("en"), textEnabled = true)).use { player ->
            player.load(backend.url("/media/tidewater/number/manifest.mpd?duration=20"))
            player.events.filterIsInstance<PlayerEvent.Loaded>().first()
            val known = player.snapshot()
            assertTrue(known.audio.any { it.selected } && known.text.any { it.selected }, "$known")
            player.selectRendition(known.renditions.first().id)
            player.play()
            val cues = player.events.filterIsInstance<PlayerEvent.Cues>().first { it.cues.isNotEmpty() }
            assertNotNull(cues.cues.first().lines.first())
        }
    }

    @Test
    fun `the engine answers as everywhere`() {
        val recordings = File(ROOT, "player-core/engine/tests/vectors").listFiles { file -> file.extension == "inputs" }!!
        assertTrue(recordings.size >= 4)
        for (recording in recordings) {
            val expected = File(recording.path.removeSuffix(".inputs") + ".outputs").readBytes()
            assertArrayEquals(expected, replayRecording(recording.readBytes()), recording.name)
        }
    }

    @Test
    fun `the README's player plays`() {
        val before = System.out
        val told = ByteArrayOutputStream()
        System.setOut(PrintStream(told))
        try {
            readme.main(arrayOf(backend.url("/media/tidewater/number/manifest.mpd?duration=10")))
        } finally {
            System.setOut(before)
        }
        assertTrue("0 stalls, []" in told.toString(), told.toString())
    }

    companion object {
        private val backend = Backend()

        @JvmStatic
        @AfterAll
        fun end() {
            backend.close()
        }
    }
}
