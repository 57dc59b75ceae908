package dev.footlight.player

import java.io.File

val ROOT: File = File(System.getProperty("footlight.root")).canonicalFile

/** The mock backend, on ports of its own. */
class Backend : AutoCloseable {
    private val process = ProcessBuilder(
        System.getenv("FOOTLIGHT_BACKEND"), "--port", "0", "--edge-ports", "0,0", "--media", "$ROOT/media",
    ).redirectError(ProcessBuilder.Redirect.DISCARD).start()
    private val edge: String

    init {
        val ready = process.inputReader().readLine()
        edge = checkNotNull(Regex("\"edges\":\\[\"([^\"]+)\"").find(ready)) { ready }.groupValues[1]
    }

    fun url(path: String): String = edge + path

    override fun close() {
        process.destroy()
        process.waitFor()
    }
}
