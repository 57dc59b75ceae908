use super::*;
use proptest::prelude::*;

/// Numbers of any width, most significant bit first.
#[derive(Default)]
struct Bits(Vec<bool>);

impl Bits {
    fn put(&mut self, number: u64, width: u32) -> &mut Self {
        self.0.extend((0..width).rev().map(|bit| (number >> bit) & 1 == 1));
        self
    }

    fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        for byte in bytes {
            self.put((*byte).into(), 8);
        }
        self
    }

    fn done(&self) -> Vec<u8> {
        let byte = |bits: &[bool]| bits.iter().fold(0, |byte, bit| (byte << 1) | u8::from(*bit));
        assert_eq!(self.0.len() % 8, 0, "whole bytes");
        self.0.chunks(8).map(byte).collect()
    }
}

fn bits(fields: &[(u64, u32)]) -> Vec<u8> {
    let mut bits = Bits::default();
    for (number, width) in fields {
        bits.put(*number, *width);
    }
    bits.done()
}

#[derive(Default)]
struct Section<'a> {
    adjustment: u64,
    encrypted: bool,
    kind: u64,
    command: &'a [u8],
    /// 0xFFF as old encoders write it.
    command_length: Option<u64>,
    descriptors: &'a [u8],
}

impl Section<'_> {
    fn write(&self) -> Vec<u8> {
        let mut body = Bits::default();
        let algorithm = if self.encrypted { 2 } else { 0 };
        body.put(0, 8)
            .put(self.encrypted.into(), 1)
            .put(algorithm, 6)
            .put(self.adjustment, 33);
        body.put(7, 8).put(0xABC, 12);
        body.put(self.command_length.unwrap_or(self.command.len() as u64), 12);
        body.put(self.kind, 8).bytes(self.command);
        body.put(self.descriptors.len() as u64, 16).bytes(self.descriptors);
        let body = body.done();
        let length = body.len() as u64 + 4;
        let mut section = bits(&[(0xFC, 8), (0, 1), (0, 1), (2, 2), (length, 12)]);
        section.extend(body);
        let crc = crc32(&section);
        section.extend(crc.to_be_bytes());
        section
    }

    fn read(&self) -> SpliceInfo {
        SpliceInfo::parse(&self.write()).unwrap()
    }
}

fn descriptor(tag: u8, data: &[u8]) -> Vec<u8> {
    let length = u8::try_from(data.len() + 4).unwrap();
    [&[tag, length][..], b"CUEI", data].concat()
}

/// The examples of the standard (SCTE 35, 14.1 and 14.2).
const TIME_SIGNAL: &str = "/DA0AAAAAAAA///wBQb+cr0AUAAeAhxDVUVJSAAAjn/PAAGlmbAICAAAAAAsoKGKNAIAmsnRfg==";
const SPLICE_INSERT: &str = "/DAvAAAAAAAA///wFAVIAACPf+/+c2nALv4AUsz1AAAAAAAKAAhDVUVJAAABNWLbowo=";

#[test]
fn the_standards_time_signal_is_read() {
    let info = SpliceInfo::from_payload(TIME_SIGNAL.as_bytes()).unwrap();
    assert_eq!(info.tier, 0xFFF);
    assert_eq!(info.command, Command::TimeSignal(Some(Pts::new(0x0_72BD_0050))));
    let [Descriptor::Segmentation(segmentation)] = &info.descriptors[..] else {
        panic!("{:?}", info.descriptors)
    };
    assert_eq!(segmentation.event_id, 0x4800_008E);
    let event = segmentation.event.as_ref().unwrap();
    assert_eq!(event.duration, Some(Micros::from_secs(307)));
    let restrictions = DeliveryRestrictions {
        web_delivery_allowed: false,
        no_regional_blackout: true,
        archive_allowed: true,
        device_restrictions: 3,
    };
    assert_eq!(event.restrictions, Some(restrictions));
    assert_eq!((event.upid_type, event.upids[0].text()), (8, "000000002CA0A18A".into()));
    assert_eq!(
        (event.type_id, event.segment_num, event.segments_expected),
        (0x34, 2, 0)
    );
    assert_eq!(event.sub_segment, None);
}

#[test]
fn the_standards_splice_insert_is_read_in_every_dress() {
    let bytes = from_base64(SPLICE_INSERT).unwrap();
    let info = SpliceInfo::parse(&bytes).unwrap();
    let splice = Splice {
        out_of_network: true,
        id_compliant: false,
        timing: SpliceTiming::Program(Some(Pts::new(0x0_7369_C02E))),
        break_duration: Some(BreakDuration {
            auto_return: true,
            duration: Micros(60_293_566),
        }),
        unique_program_id: 0,
        avail_num: 0,
        avails_expected: 0,
    };
    let insert = SpliceInsert {
        event_id: 0x4800_008F,
        splice: Some(splice),
    };
    assert_eq!(info.command, Command::Insert(insert));
    assert_eq!(info.descriptors, [Descriptor::Avail(0x135)]);
    let signal = format!(
        "<scte35:Signal xmlns:scte35=\"http://www.scte.org/schemas/35/2016\">\n<scte35:Binary>\n {SPLICE_INSERT}\n\
         </scte35:Binary></scte35:Signal>"
    );
    for dress in [&bytes[..], SPLICE_INSERT.as_bytes(), signal.as_bytes()] {
        assert_eq!(SpliceInfo::from_payload(dress), Ok(info.clone()));
    }
}

#[test]
fn the_xml_form_says_the_same() {
    let time_signal = r#"<SpliceInfoSection xmlns="http://www.scte.org/schemas/35" ptsAdjustment="0" tier='4095'>
      <TimeSignal><SpliceTime ptsTime="1924989008"/></TimeSignal>
      <scte35:SegmentationDescriptor segmentationEventId="1207959694" segmentationDuration="27630000" segmentationTypeId="52"
          segmentNum="2" segmentsExpected="0">
        <DeliveryRestrictions webDeliveryAllowedFlag="false" noRegionalBlackoutFlag="true" archiveAllowedFlag="true"
            deviceRestrictions="3"/>
        <SegmentationUpid segmentationUpidType="8" segmentationUpidFormat="hexbinary">000000002CA0A18A</SegmentationUpid>
      </scte35:SegmentationDescriptor></SpliceInfoSection>"#;
    let binary = SpliceInfo::from_payload(TIME_SIGNAL.as_bytes());
    assert_eq!(SpliceInfo::from_payload(time_signal.as_bytes()), binary);
    let insert = r#"<Signal><SpliceInfoSection ptsAdjustment="0"><SpliceInsert spliceEventId="1207959695"
      outOfNetworkIndicator="1" spliceImmediateFlag="0" uniqueProgramId="0" availNum="0" availsExpected="0"><Program>
      <SpliceTime ptsTime="1936310318"/></Program><BreakDuration autoReturn="true" duration="5426421"/></SpliceInsert>
      <AvailDescriptor providerAvailId="309"/></SpliceInfoSection></Signal>"#;
    let binary = SpliceInfo::from_payload(SPLICE_INSERT.as_bytes());
    assert_eq!(SpliceInfo::from_payload(insert.as_bytes()), binary);
    let texts = time_signal.replace(
        "hexbinary\">000000002CA0A18A<",
        "text\">ABC</x><SegmentationUpid segmentationUpidFormat='base-64' segmentationUpidType='15'>REVG<",
    );
    let info = SpliceInfo::from_payload(texts.as_bytes()).unwrap();
    let Some(Descriptor::Segmentation(Segmentation { event: Some(event), .. })) = info.descriptors.first() else {
        panic!()
    };
    assert_eq!(event.upid_type, 0x0D);
    let upids: Vec<_> = event.upids.iter().map(|upid| (upid.kind, &upid.data[..])).collect();
    assert_eq!(upids, [(8, &b"ABC"[..]), (15, b"DEF")]);
}

#[test]
fn faults_are_told() {
    let good = Section::default().write();
    let broken = |at: usize, byte| {
        let mut bytes = good.clone();
        bytes[at] = byte;
        SpliceInfo::parse(&bytes)
    };
    assert_eq!(broken(0, 0xFD), Err(Error::NotASection));
    assert_eq!(broken(8, 1), Err(Error::Crc));
    assert_eq!(SpliceInfo::parse(&good[..good.len() - 1]), Err(Error::Truncated));
    assert_eq!(SpliceInfo::parse(&[]), Err(Error::NotASection));
    assert_eq!(SpliceInfo::from_payload(b"<Signal/>"), Err(Error::NotASection));
    assert_eq!(SpliceInfo::from_payload(b"\xFF\xFF"), Err(Error::NotASection));
    let mut newer = good[..good.len() - 4].to_vec();
    newer[3] = 1;
    newer.extend(crc32(&newer).to_be_bytes());
    assert_eq!(SpliceInfo::parse(&newer), Err(Error::Version(1)));
    let short = Section {
        kind: 5,
        command: &[0; 4],
        ..Section::default()
    };
    assert_eq!(SpliceInfo::parse(&short.write()), Err(Error::Truncated));
    let trailing = [&good[..], b"more"].concat();
    assert!(SpliceInfo::parse(&trailing).is_ok());
}

#[test]
fn heads_and_simple_commands_are_read() {
    let info = Section::default().read();
    assert_eq!((info.sap_type, info.tier, info.command), (2, 0xABC, Command::Null));
    let bandwidth = Section {
        kind: 7,
        ..Section::default()
    };
    assert_eq!(bandwidth.read().command, Command::BandwidthReservation);
    let private = Section {
        kind: 0xFF,
        command: b"OWN!data",
        ..Section::default()
    };
    let expected = Command::Private {
        identifier: u32::from_be_bytes(*b"OWN!"),
        data: b"data".to_vec(),
    };
    assert_eq!(private.read().command, expected);
    let unknown = Section {
        kind: 0x33,
        command: &[1, 2],
        ..Section::default()
    };
    assert_eq!(unknown.read().command, Command::Unknown(0x33, vec![1, 2]));
    let encrypted = Section {
        encrypted: true,
        kind: 5,
        command: &[9; 20],
        ..Section::default()
    };
    let info = encrypted.read();
    let how = Encryption {
        algorithm: 2,
        control_word: 7,
    };
    assert_eq!((info.encryption, info.command), (Some(how), Command::Encrypted));
}

#[test]
fn times_have_the_adjustment_added_and_wrap_round() {
    let time = (1 << 33) - 90_000;
    let command = bits(&[(1, 1), (0x3F, 6), (time, 33)]);
    for command_length in [None, Some(0xFFF)] {
        let section = Section {
            adjustment: 180_000,
            kind: 6,
            command: &command,
            command_length,
            ..Section::default()
        };
        assert_eq!(section.read().command, Command::TimeSignal(Some(Pts::new(90_000))));
    }
    let at_once = Section {
        adjustment: 5,
        kind: 6,
        command: &[0x7F],
        ..Section::default()
    };
    assert_eq!(at_once.read().command, Command::TimeSignal(None));
}

#[test]
fn inserts_of_components_and_cancellations_are_read() {
    let command = bits(&[
        (77, 32),
        (0x7F, 8),
        (0b0000_0111, 8),
        (2, 8),
        (1, 8),
        (1, 1),
        (0x3F, 6),
        (900_000, 33),
        (2, 8),
        (0x7F, 8),
        (3, 16),
        (1, 8),
        (4, 8),
    ]);
    let section = Section {
        kind: 5,
        command: &command,
        ..Section::default()
    };
    let Command::Insert(insert) = section.read().command else {
        panic!()
    };
    let splice = insert.splice.unwrap();
    let components = [(1, Some(Pts::new(900_000))), (2, None)].map(|(tag, time)| ComponentTime { tag, time });
    assert_eq!(splice.timing, SpliceTiming::Components(components.to_vec()));
    assert!(splice.id_compliant && !splice.out_of_network && splice.break_duration.is_none());
    assert_eq!(
        (splice.unique_program_id, splice.avail_num, splice.avails_expected),
        (3, 1, 4)
    );
    let cancel = Section {
        kind: 5,
        command: &bits(&[(77, 32), (0xFF, 8)]),
        ..Section::default()
    };
    let expected = SpliceInsert {
        event_id: 77,
        splice: None,
    };
    assert_eq!(cancel.read().command, Command::Insert(expected));
}

#[test]
fn schedules_are_read() {
    let command = bits(&[
        (3, 8),
        (1, 32),
        (0x7F, 8),
        (0b1110_0000, 8),
        (1_300_000_000, 32),
        (0, 1),
        (0x3F, 6),
        (2_700_000, 33),
        (9, 16),
        (1, 8),
        (2, 8),
        (2, 32),
        (0xFF, 8),
        (3, 32),
        (0, 8),
        (0, 8),
        (1, 8),
        (8, 8),
        (55, 32),
        (0, 16),
        (0, 8),
        (0, 8),
    ]);
    let section = Section {
        kind: 4,
        command: &command,
        ..Section::default()
    };
    let Command::Schedule(events) = section.read().command else {
        panic!()
    };
    let splices: Vec<_> = events
        .iter()
        .map(|event| (event.event_id, event.splice.clone()))
        .collect();
    let first = ScheduledSplice {
        out_of_network: true,
        time: ScheduledTime::Program(1_300_000_000),
        break_duration: Some(BreakDuration {
            auto_return: false,
            duration: Micros::from_secs(30),
        }),
        unique_program_id: 9,
        avail_num: 1,
        avails_expected: 2,
    };
    let last = ScheduledSplice {
        out_of_network: false,
        time: ScheduledTime::Components(vec![(8, 55)]),
        break_duration: None,
        unique_program_id: 0,
        avail_num: 0,
        avails_expected: 0,
    };
    assert_eq!(splices, [(1, Some(first)), (2, None), (3, Some(last))]);
}

#[test]
fn descriptors_are_read() {
    let segmentation = bits(&[
        (5, 32),
        (0b0011_1111, 8),
        (0b0010_0000, 8),
        (1, 8),
        (6, 8),
        (0x7F, 7),
        (450, 33),
        (0x0D, 8),
        (18, 8),
        (0x03, 8),
        (2, 8),
        (0x4142, 16),
        (0x0A, 8),
        (12, 8),
        (0x1478, 16),
        (0x0011_2233_4455_6677, 64),
        (0x8899, 16),
        (0x30, 8),
        (1, 8),
        (2, 8),
        (3, 8),
        (4, 8),
    ]);
    let time = bits(&[(1_700_000_000, 48), (999, 32), (37, 16)]);
    let audio = bits(&[(1, 4), (0xF, 4), (4, 8), (0x65_6E67, 24), (2, 3), (6, 4), (1, 1)]);
    let descriptors = [
        descriptor(1, b"\x32\x7F12#"),
        descriptor(2, &segmentation),
        descriptor(2, &bits(&[(5, 32), (0xFF, 8)])),
        descriptor(3, &time),
        descriptor(4, &audio),
        vec![0xF0, 5, b'O', b'W', b'N', b'!', 9],
    ]
    .concat();
    let section = Section {
        descriptors: &descriptors,
        ..Section::default()
    };
    let upid = |kind, data: &[u8]| Upid {
        kind,
        data: data.to_vec(),
    };
    let eidr = [0x14, 0x78, 0, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99];
    let event = SegmentationEvent {
        components: Some(vec![(6, Pts::new(450))]),
        duration: None,
        restrictions: None,
        upid_type: 0x0D,
        upids: vec![upid(3, b"AB"), upid(0x0A, &eidr)],
        type_id: 0x30,
        segment_num: 1,
        segments_expected: 2,
        sub_segment: Some(SubSegment { num: 3, expected: 4 }),
    };
    let channel = AudioChannel {
        component_tag: 4,
        language: *b"eng",
        bit_stream_mode: 2,
        channels: 6,
        full_service: true,
    };
    let expected = [
        Descriptor::Dtmf {
            preroll: Micros::from_secs(5),
            tones: "12#".into(),
        },
        Descriptor::Segmentation(Segmentation {
            event_id: 5,
            id_compliant: true,
            event: Some(event),
        }),
        Descriptor::Segmentation(Segmentation {
            event_id: 5,
            id_compliant: false,
            event: None,
        }),
        Descriptor::Time {
            tai_seconds: 1_700_000_000,
            tai_nanoseconds: 999,
            utc_offset: 37,
        },
        Descriptor::Audio(vec![channel]),
        Descriptor::Other {
            tag: 0xF0,
            identifier: u32::from_be_bytes(*b"OWN!"),
            data: vec![9],
        },
    ];
    assert_eq!(section.read().descriptors, expected);
    assert_eq!(upid(3, b"AB").text(), "AB");
    assert_eq!(upid(0x0A, &eidr).text(), "10.5240/0011-2233-4455-6677-8899");
    assert_eq!(upid(0x10, &[0xAB; 16]).text(), "ABABABAB-ABAB-ABAB-ABAB-ABABABABABAB");
}

proptest! {
    #[test]
    fn no_bytes_panic(data: Vec<u8>) {
        let _ = SpliceInfo::parse(&data);
        let _ = SpliceInfo::from_payload(&data);
    }

    #[test]
    fn no_xml_panics(pieces in prop::collection::vec(
        "<|>|/|=|'|é|<(SpliceInfoSection|SpliceInsert|SpliceTime|SegmentationDescriptor|SegmentationUpid) |\
         (ptsTime|spliceEventId|segmentationEventId|segmentationTypeId)='[0-9]{1,22}' |[A-F0-9]{0,3}", 0..30)
    ) {
        let _ = SpliceInfo::from_payload(format!("<SpliceInfoSection>{}", pieces.concat()).as_bytes());
    }

    #[test]
    fn no_sound_section_panics(
        adjustment in 0_u64..1 << 33,
        encrypted: bool,
        kind in prop_oneof![0_u64..9, Just(0xFF)],
        command: Vec<u8>,
        short in any::<bool>(),
        tag in 0_u8..6,
        inner in prop::collection::vec(any::<u8>(), 0..60),
        outer: Vec<u8>,
    ) {
        let descriptors = [descriptor(tag, &inner), outer].concat();
        let command_length = short.then_some(0xFFF);
        let section = Section { adjustment, encrypted, kind, command: &command, command_length, descriptors: &descriptors };
        if let Ok(info) = SpliceInfo::parse(&section.write()) {
            for descriptor in info.descriptors {
                if let Descriptor::Segmentation(Segmentation { event: Some(event), .. }) = descriptor {
                    event.upids.iter().for_each(|upid| drop(upid.text()));
                }
            }
        }
    }

    #[test]
    fn times_are_found_near_a_reference(time in 0_i64..1 << 50, drift in -4_000_000_000_i64..4_000_000_000) {
        // In ticks: what wraps is found again from any reference less than half a round away.
        let exact = Micros::from_scaled(time, TIMESCALE);
        let reference = Micros::from_scaled(time + drift, TIMESCALE);
        prop_assert_eq!(Pts::new(time.cast_unsigned()).near(reference), exact);
    }
}
