//! ServiceDescription, ContentSteering and the like.

use super::{
    Reader,
    elements::add,
    values::{self, words},
};
use crate::{
    ClientDataReporting, ContentSteering, FULL, Halt, InitializationSet, Latency, Micros, OperatingPoint, PlaybackRate,
    ServiceDescription, scan::Tag, uri,
};

const CHILDREN: [&str; 7] = [
    "Scope",
    "Latency",
    "PlaybackRate",
    "OperatingQuality",
    "OperatingBandwidth",
    "ContentSteering",
    "ClientDataReporting",
];

impl<'a> Reader<'a> {
    pub(super) fn service_description(&mut self) -> Result<ServiceDescription, Halt> {
        let mut service = ServiceDescription {
            id: self.number("id"),
            ..ServiceDescription::default()
        };
        let mut last = 0;
        while let Some(child) = self.scan.child()? {
            self.order(&CHILDREN, &child, &mut last);
            match child.mpd() {
                "Scope" => self.descriptor_to(&child, &mut service.scopes)?,
                "Latency" => {
                    let latency = self.latency()?;
                    add(&mut service.latency, latency);
                }
                "PlaybackRate" => {
                    let (min, max) = (self.thousandths("min"), self.thousandths("max"));
                    add(&mut service.playback_rates, PlaybackRate { min, max });
                    self.skip()?;
                }
                "OperatingQuality" if FULL => {
                    let point = self.operating_point()?;
                    add(&mut service.operating_quality, point);
                }
                "OperatingBandwidth" if FULL => {
                    let point = self.operating_point()?;
                    add(&mut service.operating_bandwidth, point);
                }
                "ContentSteering" => service.content_steering = Some(self.content_steering(&child)?),
                "ClientDataReporting" if FULL => {
                    let reporting = self.client_data_reporting()?;
                    add(&mut service.client_data_reporting, reporting);
                }
                _ => self.skip()?,
            }
        }
        Ok(service)
    }

    fn latency(&mut self) -> Result<Latency, Halt> {
        let mut latency = Latency {
            reference_id: self.number("referenceId"),
            target: self.number("target").map(Micros::from_millis),
            min: self.number("min").map(Micros::from_millis),
            max: self.number("max").map(Micros::from_millis),
            quality: Vec::new(),
        };
        while let Some(child) = self.scan.child()? {
            if !FULL || child.mpd() != "QualityLatency" {
                self.skip()?;
                continue;
            }
            let text = self.scan.content()?;
            let mut numbers = values::numbers(&text);
            while let (Some(quality), Some(millis)) = (numbers.next(), numbers.next()) {
                add(&mut latency.quality, (quality, Micros::from_millis(i64::from(millis))));
            }
        }
        Ok(latency)
    }

    fn operating_point(&mut self) -> Result<OperatingPoint, Halt> {
        let point = OperatingPoint {
            media_type: self.owned("mediaType"),
            min: self.number("min"),
            max: self.number("max"),
            target: self.number("target"),
            metric: self.owned("type"),
            max_difference: self.number("maxDifference"),
        };
        self.skip()?;
        Ok(point)
    }

    pub(super) fn content_steering(&mut self, tag: &Tag<'a>) -> Result<ContentSteering, Halt> {
        let mut steering = ContentSteering {
            url: String::new(),
            default_service_locations: self.words("defaultServiceLocation"),
            query_before_start: self.boolean("queryBeforeStart").unwrap_or(false),
            proxy_server_url: self.detail(|it| it.owned("proxyServerURL")),
            client_requirement: self.boolean("clientRequirement").unwrap_or(true),
        };
        let url = self.url_content(tag)?;
        steering.url = uri::resolve(self.url, &url);
        Ok(steering)
    }

    fn client_data_reporting(&mut self) -> Result<ClientDataReporting, Halt> {
        let mut reporting = ClientDataReporting {
            service_locations: self.words("serviceLocations"),
            adaptation_sets: self.numbers("adaptationSets"),
            ..ClientDataReporting::default()
        };
        while let Some(child) = self.scan.child()? {
            if child.local() == "CMCDParameters" {
                reporting.version = self.number("version");
                reporting.mode = self.owned("mode");
                reporting.include_in_requests = self.words("includeInRequests");
                reporting.keys = self.words("keys");
                reporting.content_id = self.owned("contentID");
                reporting.session_id = self.owned("sessionID");
            }
            self.skip()?;
        }
        Ok(reporting)
    }

    pub(super) fn initialization_set(&mut self) -> Result<InitializationSet, Halt> {
        let common = self.common();
        let owned = |text: Option<super::raw::Text<'_>>| text.map(super::raw::Text::into_owned).unwrap_or_default();
        let mut set = InitializationSet {
            id: self.number("id").unwrap_or(0),
            in_all_periods: self.boolean("inAllPeriods").unwrap_or(true),
            content_type: self.owned("contentType"),
            mime_type: owned(common.attributes.mime_type),
            codecs: owned(common.attributes.codecs),
            par: self.pair("par", ':'),
            max_width: self.number("maxWidth"),
            max_height: self.number("maxHeight"),
            max_frame_rate: self.frame_rate("maxFrameRate"),
            initialization: self.text("initialization").map(|url| uri::resolve(self.url, &url)),
            ..InitializationSet::default()
        };
        while let Some(child) = self.scan.child()? {
            match child.mpd() {
                "Role" => self.descriptor_to(&child, &mut set.roles)?,
                "Accessibility" => self.descriptor_to(&child, &mut set.accessibility)?,
                _ => self.skip()?,
            }
        }
        Ok(set)
    }
}

/// Words of a list with commas or blanks.
pub(super) fn profiles(text: &str) -> Vec<String> {
    words(text).map(str::to_owned).collect()
}
