/**
 * What `FootlightPlayer.presentation()`, `diagnostics()` and `timedevent` say. Names are those of ISO/IEC 23009-1 where it
 * has them. Times are seconds: positions on the presentation timeline, dates since the Unix epoch, `Infinity` for `INF`.
 * Bytes are base64. What a manifest does not say is null, an empty string or an empty list.
 */

/** A manifest, with everything inherited and resolved. */
export interface Presentation {
  readonly dynamic: boolean;
  readonly duration: number | null;
  readonly minBufferTime: number;
  readonly program: ProgramInformation | null;
  /** In playing order. */
  readonly periods: readonly Period[];
  readonly id: string | null;
  readonly profiles: readonly string[];
  readonly availabilityStart: number | null;
  readonly availabilityEnd: number | null;
  readonly publishTime: number | null;
  readonly minimumUpdatePeriod: number | null;
  readonly timeShiftBufferDepth: number | null;
  readonly suggestedPresentationDelay: number | null;
  readonly maxSegmentDuration: number | null;
  readonly locations: readonly Location[];
  readonly patchLocations: readonly PatchLocation[];
  readonly utcTimings: readonly Descriptor[];
  readonly leapSeconds: LeapSeconds | null;
  readonly serviceDescriptions: readonly ServiceDescription[];
  readonly contentSteering: ContentSteering | null;
  readonly essential: readonly Descriptor[];
  readonly supplemental: readonly Descriptor[];
  /** Periods whose start is not known yet; times in them count from there. */
  readonly earlyPeriods: readonly Period[];
  readonly initializationSets: readonly InitializationSet[];
  readonly initializationGroups: readonly InitializationGroup[];
  readonly initializationPresentations: readonly InitializationGroup[];
  /** What to play at the end, best first. */
  readonly chainedUrls: readonly string[];
  /** What to play on an error, best first. */
  readonly fallbackUrls: readonly string[];
  readonly metrics: readonly Metrics[];
}

/** What a device must be able to decode. */
export interface InitializationSet {
  readonly id: number;
  readonly inAllPeriods: boolean;
  readonly contentType: string | null;
  readonly mimeType: string;
  readonly codecs: string;
  readonly par: Fraction | null;
  readonly maxWidth: number | null;
  readonly maxHeight: number | null;
  readonly maxFrameRate: Fraction | null;
  readonly initialization: string | null;
  readonly roles: readonly Descriptor[];
  readonly accessibility: readonly Descriptor[];
}

/** What can be played together, by `id`. */
export interface InitializationGroup {
  readonly id: number;
  readonly contentType: string | null;
  readonly members: readonly number[];
}

/** Where the manifest is. */
export interface Location {
  readonly url: string;
  readonly serviceLocation: string | null;
}

/** Where a patch of it is, and for how long after its publish time. */
export interface PatchLocation {
  readonly url: string;
  readonly ttl: number | null;
  readonly serviceLocation: string | null;
}

export interface ProgramInformation {
  readonly title: string | null;
  readonly source: string | null;
  readonly copyright: string | null;
  readonly lang: string | null;
  readonly moreInformationUrl: string | null;
}

export interface Period {
  readonly id: string | null;
  readonly start: number;
  readonly duration: number | null;
  readonly adaptationSets: readonly AdaptationSet[];
  readonly serviceDescriptions: readonly ServiceDescription[];
  readonly eventStreams: readonly EventStream[];
  readonly assetIdentifier: Descriptor | null;
  /** When there are any, only the sets (`id`) of one of them may be played together. */
  readonly subsets: readonly (readonly number[])[];
  readonly preselections: readonly Preselection[];
  readonly supplemental: readonly Descriptor[];
  readonly essential: readonly Descriptor[];
  readonly groupLabels: readonly Label[];
  /** Sets that other Periods have and this one has not. */
  readonly emptySets: readonly number[];
}

/** A bundle of sets to be decoded together. */
export interface Preselection {
  readonly id: string;
  /** The main one first. */
  readonly components: readonly string[];
  readonly lang: string | null;
  readonly order: string | null;
  /** 0 when unknown. */
  readonly channels: number;
  readonly tag: string | null;
  readonly selectionPriority: number;
  readonly codecs: string;
  readonly labels: readonly Label[];
  readonly roles: readonly Descriptor[];
  readonly accessibility: readonly Descriptor[];
}

/** Interchangeable encodings of the same content. */
export interface AdaptationSet {
  readonly id: number | null;
  readonly contentType: 'video' | 'audio' | 'text' | 'image' | 'other';
  readonly lang: string | null;
  readonly labels: readonly Label[];
  readonly roles: readonly Descriptor[];
  readonly accessibility: readonly Descriptor[];
  readonly essential: readonly Descriptor[];
  readonly supplemental: readonly Descriptor[];
  readonly contentProtection: readonly ContentProtection[];
  readonly selectionPriority: number;
  readonly segmentAlignment: boolean;
  readonly representations: readonly Representation[];
  readonly group: number | null;
  readonly viewpoints: readonly Descriptor[];
  readonly ratings: readonly Descriptor[];
  readonly inbandEventStreams: readonly InbandEventStream[];
  readonly producerReferenceTimes: readonly ProducerReferenceTime[];
  readonly resyncs: readonly Resync[];
  readonly failover: readonly Failover[];
  /** The sets that one may switch to. */
  readonly switching: readonly number[];
  /** The sets that it is for trick modes of. */
  readonly trickModeOf: readonly number[];
  /** The Period that it goes on from without a break. */
  readonly periodContinuity: readonly string[];
  /** The Period whose initialization segments serve here too. */
  readonly periodConnectivity: readonly string[];
  readonly par: Fraction | null;
  readonly bitstreamSwitching: boolean;
  readonly groupLabels: readonly Label[];
  readonly segmentSequences: readonly number[];
  readonly preselectionOnly: boolean;
  readonly initializationSetRefs: readonly number[];
  readonly details: Details | null;
}

/** One encoding. */
export interface Representation {
  readonly id: string;
  /** Bits per second. */
  readonly bandwidth: number;
  readonly mimeType: string;
  readonly codecs: string;
  /** Pixels, 0 when not told; likewise what follows. */
  readonly width: number;
  readonly height: number;
  readonly frameRate: Fraction | null;
  readonly sampleRate: number;
  readonly channels: number;
  readonly qualityRanking: number | null;
  readonly baseUrls: readonly BaseUrl[];
  /** Thumbnails in each image: columns and rows. */
  readonly tile: Fraction | null;
  readonly essential: readonly Descriptor[];
  readonly supplemental: readonly Descriptor[];
  readonly inbandEventStreams: readonly InbandEventStream[];
  readonly producerReferenceTimes: readonly ProducerReferenceTime[];
  readonly resyncs: readonly Resync[];
  readonly failover: readonly Failover[];
  readonly sar: Fraction | null;
  readonly supplementalCodecs: string;
  readonly startWithSap: number | null;
  readonly interlaced: boolean;
  /** That URLs carry query parameters; not which, since they may be a token. */
  readonly urlQuery: UrlQuery | null;
  /** The same of a header field. */
  readonly headerQuery: UrlQuery | null;
  readonly codingDependency: boolean | null;
  readonly mediaStreamStructure: readonly string[];
  /** `@associationId` and its `@associationType`. */
  readonly associations: readonly (readonly [id: string, type: string])[];
  readonly subRepresentations: readonly SubRepresentation[];
  readonly details: Details | null;
  readonly maxPlayoutRate: number | null;
  readonly segments: Segments;
}

/** How segments are addressed, and the first and the last of them, at the first of the base URLs. */
export interface Segments {
  /** What takes the media's times to the presentation timeline. */
  readonly timestampOffset: number;
  readonly initialization: Resource | null;
  /** An index to load: there are no segments before that. */
  readonly index: Resource | null;
  /** They are listed in the manifest, not computed. */
  readonly isExplicit: boolean;
  /** Null while there is no end of them. */
  readonly count: number | null;
  readonly first: Segment | null;
  readonly last: Segment | null;
}

export interface Resource {
  readonly url: string;
  readonly range: ByteRange | null;
}

export interface Segment extends Resource {
  readonly start: number;
  readonly end: number;
  /** Of a segment sequence: which part. */
  readonly subNumber: number | null;
}

/** First and last byte; null: to the end. */
export interface ByteRange {
  readonly start: number;
  readonly end: number | null;
}

export interface BaseUrl {
  readonly url: string;
  readonly serviceLocation: string;
  /** Lower is preferred. */
  readonly priority: number;
  readonly weight: number;
  readonly availabilityTimeOffset: number;
  readonly availabilityTimeComplete: boolean;
  readonly timeShiftBufferDepth: number | null;
  readonly byteRange: string | null;
}

export interface UrlQuery {
  /** Kinds of requests: `segment`, `mpd`, … */
  readonly requests: readonly string[];
  readonly sameOriginOnly: boolean;
}

export interface SubRepresentation {
  readonly level: number | null;
  readonly dependencyLevels: readonly number[];
  readonly bandwidth: number | null;
  readonly contentComponents: readonly string[];
  readonly codecs: string;
}

/** A ratio, or columns and rows. */
export type Fraction = readonly [number, number];

export interface Label {
  readonly id: number;
  readonly lang: string | null;
  readonly text: string;
}

export interface Descriptor {
  readonly scheme: string;
  readonly value: string;
  readonly id: string | null;
}

export interface ContentProtection {
  readonly scheme: string;
  readonly value: string;
  /** Identifiers of keys, as `01020304-0506-0708-090a-0b0c0d0e0f10`. */
  readonly defaultKids: readonly string[];
  readonly pssh: readonly string[];
  readonly playreadyObject: string | null;
  readonly licenceUrls: readonly string[];
  readonly authorizationUrls: readonly string[];
  readonly robustness: string | null;
}

/** What has no effect on playback here. */
export interface Details {
  readonly framePacking: readonly Descriptor[];
  readonly outputProtection: Descriptor | null;
  readonly switching: readonly Access[];
  readonly randomAccess: readonly Access[];
  readonly popularity: readonly Popularity[];
  readonly extendedBandwidth: ExtendedBandwidth | null;
}

export interface Access {
  /** In ticks of the segments' timescale. */
  readonly interval: number;
  readonly kind: string;
  readonly minBufferTime: number | null;
  readonly bandwidth: number | null;
}

export interface Popularity {
  readonly source: string;
  readonly description: string;
  /** Rate, from which segment number on where that is told, for how many more segments than one. */
  readonly rates: readonly (readonly [rate: number, start: number | null, repeat: number])[];
}

export interface ExtendedBandwidth {
  readonly isVariable: boolean;
  readonly pairs: readonly (readonly [bufferTime: number, bandwidth: number])[];
}

export interface Metrics {
  readonly keys: readonly string[];
  readonly ranges: readonly (readonly [start: number | null, duration: number | null])[];
  readonly reporting: readonly Descriptor[];
}

export interface ServiceDescription {
  readonly id: number | null;
  readonly scopes: readonly Descriptor[];
  readonly latency: readonly Latency[];
  readonly playbackRates: readonly PlaybackRate[];
  readonly operatingQuality: readonly OperatingPoint[];
  readonly operatingBandwidth: readonly OperatingPoint[];
  readonly contentSteering: ContentSteering | null;
  readonly clientDataReporting: readonly ClientDataReporting[];
}

export interface Latency {
  readonly referenceId: number | null;
  readonly target: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly quality: readonly (readonly [ranking: number, latency: number])[];
}

export interface PlaybackRate {
  readonly min: number | null;
  readonly max: number | null;
}

export interface OperatingPoint {
  readonly mediaType: string | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly target: number | null;
  readonly metric: string | null;
  readonly maxDifference: number | null;
}

export interface ContentSteering {
  readonly url: string;
  readonly defaultServiceLocations: readonly string[];
  readonly queryBeforeStart: boolean;
  readonly proxyServerUrl: string | null;
  readonly clientRequirement: boolean;
}

/** The CMCD that the service asks for. */
export interface ClientDataReporting {
  readonly serviceLocations: readonly string[];
  readonly adaptationSets: readonly number[];
  readonly version: number | null;
  readonly mode: string | null;
  readonly includeInRequests: readonly string[];
  readonly keys: readonly string[];
  readonly contentId: string | null;
  readonly sessionId: string | null;
}

export interface EventStream {
  readonly scheme: string;
  readonly value: string;
  readonly timescale: number;
  /** In ticks. */
  readonly presentationTimeOffset: number;
  readonly events: readonly Event[];
}

/** An event of the manifest. */
export interface Event {
  readonly start: number;
  readonly duration: number | null;
  readonly id: number | null;
  /** Text, or XML as it is in the manifest. */
  readonly data: string;
  /** The text stands for bytes. */
  readonly base64: boolean;
  readonly alternative: AlternativeMpd | null;
}

/** Another presentation to be played instead of a stretch of this one, or in between. */
export interface AlternativeMpd {
  readonly url: string;
  readonly replace: boolean;
  readonly earliestResolutionOffset: number | null;
  readonly maxDuration: number | null;
  readonly returnOffset: number | null;
  readonly clip: boolean;
  readonly startWithOffset: boolean;
  readonly executeOnce: boolean;
  readonly noJump: number;
  readonly skipAfter: number | null;
  readonly serviceDescription: number | null;
}

export interface InbandEventStream {
  readonly scheme: string;
  readonly value: string;
  readonly id: string | null;
  readonly timescale: number | null;
}

export interface ProducerReferenceTime {
  readonly id: number;
  readonly inband: boolean;
  /** `encoder`, `captured` or `application`. */
  readonly kind: string;
  readonly wallClock: number | null;
  readonly presentationTime: number;
  readonly utcTiming: Descriptor | null;
}

/** Where in a segment a decoder may start. */
export interface Resync {
  readonly kind: number;
  readonly interval: number | null;
  /** Shares of the bandwidth. */
  readonly maxBytes: number | null;
  readonly minBytes: number | null;
  readonly marker: boolean;
}

export interface Failover {
  readonly start: number;
  readonly duration: number | null;
  /** There are segments to fetch. */
  readonly valid: boolean;
}

export interface LeapSeconds {
  readonly startOffset: number;
  readonly nextOffset: number | null;
  readonly nextChange: number | null;
}

/** Something wrong with a manifest that did not keep it from being read. */
export interface Diagnostic {
  /** Stable, like `representation.no-bandwidth`. */
  readonly code: string;
  readonly severity: 'info' | 'warning' | 'error';
  /** From 1. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
  /** What it is about: a name, a scheme, a URL; may be empty. */
  readonly detail: string;
  /** The rule, like `ISO/IEC 23009-1, 5.3.9.6`; may be empty. */
  readonly clause: string;
}

/** What an event says, decoded. */
export type EventPayload = SpliceInfo | Id3;

/** ID3 tags. */
export interface Id3 {
  readonly type: 'id3';
  readonly frames: readonly Frame[];
}

/** A frame; `description` is of `TXXX` and `WXXX` only. */
export type Frame = { readonly id: string } & (
  | { readonly type: 'text'; readonly description: string | null; readonly values: readonly string[] }
  | { readonly type: 'url'; readonly description: string | null; readonly url: string }
  | { readonly type: 'private'; readonly owner: string; readonly data: string }
  | { readonly type: 'binary'; readonly data: string }
);

/** A `splice_info_section` (ANSI/SCTE 35). Times of splices are the media's own, `ptsAdjustment` added. */
export interface SpliceInfo {
  readonly type: 'scte35';
  readonly sapType: number;
  readonly ptsAdjustment: number;
  readonly tier: number;
  readonly encryption: Encryption | null;
  readonly command: Command;
  readonly descriptors: readonly SpliceDescriptor[];
}

export interface Encryption {
  readonly algorithm: number;
  readonly controlWord: number;
}

export type Command =
  | { readonly type: 'null' | 'bandwidthReservation' | 'encrypted' }
  | { readonly type: 'schedule'; readonly events: readonly ScheduledEvent[] }
  | ({ readonly type: 'insert' } & SpliceInsert)
  | { readonly type: 'timeSignal'; readonly time: number | null }
  | { readonly type: 'private'; readonly identifier: number; readonly data: string }
  | { readonly type: 'unknown'; readonly command: number; readonly data: string };

export interface SpliceInsert {
  readonly eventId: number;
  /** Null: the event is cancelled. */
  readonly splice: Splice | null;
}

export interface Splice {
  readonly outOfNetwork: boolean;
  readonly idCompliant: boolean;
  readonly timing:
    | { readonly type: 'immediate' }
    | { readonly type: 'program'; readonly time: number | null }
    | { readonly type: 'components'; readonly components: readonly ComponentTime[] };
  readonly breakDuration: BreakDuration | null;
  readonly uniqueProgramId: number;
  readonly availNum: number;
  readonly availsExpected: number;
}

export interface ComponentTime {
  readonly tag: number;
  readonly time: number | null;
}

export interface BreakDuration {
  readonly autoReturn: boolean;
  readonly duration: number;
}

export interface ScheduledEvent {
  readonly eventId: number;
  /** Null: the event is cancelled. */
  readonly splice: ScheduledSplice | null;
}

export interface ScheduledSplice {
  readonly outOfNetwork: boolean;
  /** As the section has it: seconds since the GPS epoch, of the programme or of each component by its tag. */
  readonly time: { readonly program: number } | { readonly components: readonly (readonly [tag: number, time: number])[] };
  readonly breakDuration: BreakDuration | null;
  readonly uniqueProgramId: number;
  readonly availNum: number;
  readonly availsExpected: number;
}

export type SpliceDescriptor =
  | { readonly type: 'avail'; readonly providerAvailId: number }
  | { readonly type: 'dtmf'; readonly preroll: number; readonly tones: string }
  | ({ readonly type: 'segmentation' } & Segmentation)
  | { readonly type: 'time'; readonly taiSeconds: number; readonly taiNanoseconds: number; readonly utcOffset: number }
  | { readonly type: 'audio'; readonly channels: readonly AudioChannel[] }
  | { readonly type: 'other'; readonly tag: number; readonly identifier: number; readonly data: string };

export interface AudioChannel {
  readonly componentTag: number;
  readonly language: string;
  readonly bitStreamMode: number;
  readonly channels: number;
  readonly fullService: boolean;
}

export interface Segmentation {
  readonly eventId: number;
  readonly idCompliant: boolean;
  /** Null: the event is cancelled. */
  readonly event: SegmentationEvent | null;
}

export interface SegmentationEvent {
  /** By component's tag, what its times are off by. */
  readonly components: readonly (readonly [tag: number, offset: number])[] | null;
  readonly duration: number | null;
  readonly restrictions: DeliveryRestrictions | null;
  readonly upidType: number;
  readonly upids: readonly Upid[];
  /** `segmentation_type_id`. */
  readonly typeId: number;
  readonly segmentNum: number;
  readonly segmentsExpected: number;
  readonly subSegment: SubSegment | null;
}

export interface SubSegment {
  readonly num: number;
  readonly expected: number;
}

export interface DeliveryRestrictions {
  readonly webDeliveryAllowed: boolean;
  readonly noRegionalBlackout: boolean;
  readonly archiveAllowed: boolean;
  /** The two bits of `device_restrictions`. */
  readonly deviceRestrictions: number;
}

export interface Upid {
  readonly kind: number;
  /** As its kind is written, else hexadecimal. */
  readonly text: string;
  readonly data: string;
}
