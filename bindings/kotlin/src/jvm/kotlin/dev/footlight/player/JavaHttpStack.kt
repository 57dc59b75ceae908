package dev.footlight.player

import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpResponse
import java.net.http.HttpTimeoutException
import java.nio.ByteBuffer
import java.time.DateTimeException
import java.time.ZonedDateTime
import java.time.format.DateTimeFormatter
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CompletionException
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.Flow
import java.util.concurrent.atomic.AtomicBoolean

/** HTTP/2 and 1.1 by the JVM's [HttpClient], which Android has not. */
public class JavaHttpStack(
    private val client: HttpClient = HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NORMAL).build(),
) : HttpStack {
    private val running = ConcurrentHashMap<ULong, Exchange>()

    override fun send(id: ULong, request: HttpRequest, reply: HttpReply) {
        val nothing = java.net.http.HttpRequest.BodyPublishers.noBody()
        val asked = java.net.http.HttpRequest.newBuilder(URI(request.url)).method(request.method, nothing)
        for (field in request.headers) asked.header(field.name, field.value)
        val exchange = Exchange(request.url, reply) { running.remove(id) }
        running[id] = exchange
        exchange.begin(client.sendAsync(asked.build(), HttpResponse.BodyHandlers.ofPublisher()))
    }

    override fun cancel(id: ULong) {
        running.remove(id)?.cancel()
    }

    private class Exchange(
        private val url: String,
        private val reply: HttpReply,
        private val forget: () -> Unit,
    ) : Flow.Subscriber<List<ByteBuffer>> {
        private val over = AtomicBoolean()
        @Volatile private var answer: CompletableFuture<*>? = null
        @Volatile private var body: Flow.Subscription? = null

        fun begin(sent: CompletableFuture<HttpResponse<Flow.Publisher<List<ByteBuffer>>>>) {
            answer = sent
            sent.whenComplete { response, error ->
                if (error == null) answered(response) else onError(error)
            }
        }

        fun cancel() {
            finish { failed(HttpFailure.NETWORK) }
            answer?.cancel(true)
            body?.cancel()
        }

        private fun answered(response: HttpResponse<Flow.Publisher<List<ByteBuffer>>>) {
            val length = response.headers().firstValueAsLong("content-length")
            val date = response.headers().firstValue("date").map(::seconds).orElse(null)
            val final = response.uri().toString().takeIf { it != url }.orEmpty()
            tell { head(response.statusCode().toUShort(), if (length.isPresent) length.asLong.toULong() else null, final, date) }
            response.body().subscribe(this)
        }

        override fun onSubscribe(subscription: Flow.Subscription) {
            body = subscription
            if (over.get()) subscription.cancel() else subscription.request(Long.MAX_VALUE)
        }

        override fun onNext(pieces: List<ByteBuffer>) {
            val bytes = ByteArray(pieces.sumOf(ByteBuffer::remaining))
            var at = 0
            for (piece in pieces) {
                val length = piece.remaining()
                piece.get(bytes, at, length)
                at += length
            }
            tell { data(bytes) }
        }

        override fun onError(error: Throwable) {
            val cause = if (error is CompletionException) error.cause else error
            finish { failed(if (cause is HttpTimeoutException) HttpFailure.TIMEOUT else HttpFailure.NETWORK) }
        }

        override fun onComplete(): Unit = finish { end() }

        /** Not after the end, when the reply has been let go of. */
        @Synchronized
        private fun tell(something: HttpReply.() -> Boolean) {
            if (!over.get()) reply.something()
        }

        @Synchronized
        private fun finish(last: HttpReply.() -> Unit) {
            if (over.compareAndSet(false, true)) {
                reply.use { it.last() }
                forget()
            }
        }
    }

    private companion object {
        fun seconds(date: String): Double? =
            try {
                ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME).toEpochSecond().toDouble()
            } catch (_: DateTimeException) {
                null
            }
    }
}
