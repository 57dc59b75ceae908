package dev.footlight.player

import java.io.IOException
import java.net.HttpURLConnection
import java.net.SocketTimeoutException
import java.net.URL
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.Executor
import java.util.concurrent.Executors
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Job
import kotlinx.coroutines.launch

/**
 * HTTP by coroutines: each request is one of [scope], cancelled when nobody waits for it any more. [respond] tells its
 * [HttpReply] a head, then data, then the end; an [IOException] or a return before the end is a lost connection. It may block
 * only where the scope's dispatcher lets it.
 */
public class CoroutineHttpStack(
    private val scope: CoroutineScope,
    private val respond: suspend (HttpRequest, HttpReply) -> Unit,
) : HttpStack {
    private val running = ConcurrentHashMap<ULong, Job>()

    override fun send(id: ULong, request: HttpRequest, reply: HttpReply) {
        val job = scope.launch(start = CoroutineStart.LAZY) {
            try {
                respond(request, reply)
            } catch (_: IOException) {
                // Told below.
            }
        }
        running[id] = job
        // Also when the scope is over, and the coroutine never begins.
        job.invokeOnCompletion {
            running.remove(id)
            // Nothing where the end was told.
            reply.use { it.failed(HttpFailure.NETWORK) }
        }
        job.start()
    }

    override fun cancel(id: ULong) {
        running.remove(id)?.cancel()
    }
}

/** HTTP/1.1 by [HttpURLConnection], which every JVM and every Android has. */
public class UrlConnectionHttpStack(
    private val executor: Executor = Executors.newCachedThreadPool { Thread(it, "footlight-http").apply { isDaemon = true } },
) : HttpStack {
    private val running = ConcurrentHashMap<ULong, HttpURLConnection>()

    override fun send(id: ULong, request: HttpRequest, reply: HttpReply) {
        val connection = URL(request.url).openConnection() as HttpURLConnection
        connection.requestMethod = request.method
        for (field in request.headers) connection.setRequestProperty(field.name, field.value)
        running[id] = connection
        executor.execute {
            reply.use {
                try {
                    transfer(connection, request, reply)
                } catch (_: SocketTimeoutException) {
                    reply.failed(HttpFailure.TIMEOUT)
                } catch (_: IOException) {
                    reply.failed(HttpFailure.NETWORK)
                } finally {
                    running.remove(id)
                }
            }
        }
    }

    override fun cancel(id: ULong) {
        // It may have to wait for a lock of the connection.
        running.remove(id)?.let { executor.execute(it::disconnect) }
    }

    private fun transfer(connection: HttpURLConnection, request: HttpRequest, reply: HttpReply) {
        val status = connection.responseCode
        val length = connection.contentLengthLong.takeIf { it >= 0 }
        val url = connection.url.toString().takeIf { it != request.url }
        val date = connection.date.takeIf { it > 0 }
        reply.head(status.toUShort(), length?.toULong(), url.orEmpty(), date?.let { it / 1000.0 })
        val body = if (status < 400) connection.inputStream else connection.errorStream
        body?.use {
            val piece = ByteArray(PIECE)
            while (true) {
                val got = it.read(piece)
                if (got < 0) break
                if (!reply.data(piece.copyOf(got))) return
            }
        }
        reply.end()
    }

    private companion object {
        const val PIECE = 64 * 1024
    }
}
