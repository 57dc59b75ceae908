package dev.footlight.player

import java.util.EnumMap

/** An output that holds all that it is given, and is at its end as soon as that has come. */
open class Everything : MediaOutput {
    var bytes = 0L
    val asked = mutableListOf<String>()
    private val spans = EnumMap<MediaKind, List<TimeSpan>>(MediaKind::class.java)
    private var duration = 0.0
    private var position = 0.0
    private var rate = 0.0
    private var ended = false
    lateinit var report: OutputReport

    override fun supports(mime: String): Boolean = mime.startsWith("video/mp4") || mime.startsWith("audio/mp4")

    override fun open(tracks: List<SinkTrackInfo>, duration: Double?, report: OutputReport) {
        asked += "open"
        this.duration = checkNotNull(duration)
        this.report = report
        report.opened()
    }

    override fun changeType(track: SinkTrackInfo) {
        asked += "changeType"
    }

    override fun append(append: SinkAppend) {
        bytes += append.data.size
        if (String(append.data, 0, minOf(append.data.size, 4096), Charsets.ISO_8859_1).contains("moof")) {
            spans[append.kind] = listOf(TimeSpan(0.0, duration))
        }
        report.appendDone(append.kind, spans[append.kind].orEmpty())
    }

    override fun remove(kind: MediaKind, start: Double, end: Double?): Unit = report.removeDone(kind, spans[kind].orEmpty())

    override fun endOfStream() {
        asked += "endOfStream"
    }

    override fun setDuration(duration: Double) {
        this.duration = duration
    }

    override fun seek(position: Double) {
        this.position = position
    }

    override fun setRate(rate: Double) {
        this.rate = rate
    }

    override fun release() {
        asked += "release"
        report.close()
    }

    override fun observe(): SinkState {
        if (rate > 0 && spans.isNotEmpty()) {
            position = duration
            ended = true
        }
        return SinkState(
            position = position,
            rate = if (rate > 0) rate else 1.0,
            paused = rate == 0.0,
            seeking = false,
            ended = ended,
            readyState = if (spans.isEmpty()) 0u else 4u,
            decodedFrames = 0u,
            droppedFrames = 0u,
        )
    }
}
