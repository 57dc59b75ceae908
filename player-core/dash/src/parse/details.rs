//! Elements that players hand on as they are; read with the feature `full`.

use super::{Reader, elements::add, raw::Common};
use crate::{Access, ExtendedBandwidth, Halt, Metrics, Popularity, scan::Tag};

impl<'a> Reader<'a> {
    /// An element of RepresentationBaseType; says whether it was one of these.
    pub(super) fn detail_child(&mut self, tag: &Tag<'a>, common: &mut Common<'a>) -> Result<bool, Halt> {
        match tag.mpd() {
            "FramePacking" => self.descriptor_to(tag, &mut common.details.get_or_insert_default().frame_packing)?,
            "OutputProtection" => {
                common.details.get_or_insert_default().output_protection = Some(self.descriptor(tag)?);
            }
            "Switching" => add(&mut common.details.get_or_insert_default().switching, self.access()?),
            "RandomAccess" => add(
                &mut common.details.get_or_insert_default().random_access,
                self.access()?,
            ),
            "ContentPopularityRate" => add(
                &mut common.details.get_or_insert_default().popularity,
                self.popularity()?,
            ),
            "ExtendedBandwidth" => {
                common.details.get_or_insert_default().extended_bandwidth = Some(self.extended_bandwidth()?);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn access(&mut self) -> Result<Access, Halt> {
        let access = Access {
            interval: self.number("interval").unwrap_or(0),
            kind: self.owned("type").unwrap_or_default(),
            min_buffer_time: self.duration("minBufferTime"),
            bandwidth: self.number("bandwidth"),
        };
        self.skip()?;
        Ok(access)
    }

    fn popularity(&mut self) -> Result<Popularity, Halt> {
        let mut popularity = Popularity {
            source: self.owned("source").unwrap_or_default(),
            description: self.owned("source_description").unwrap_or_default(),
            rates: Vec::new(),
        };
        while let Some(child) = self.scan.child()? {
            if child.mpd() == "PR"
                && let Some(rate) = self.number("popularityRate")
            {
                let (start, repeat) = (self.number("start"), self.number("r").unwrap_or(0));
                add(&mut popularity.rates, (rate, start, repeat));
            }
            self.skip()?;
        }
        Ok(popularity)
    }

    fn extended_bandwidth(&mut self) -> Result<ExtendedBandwidth, Halt> {
        let mut extended = ExtendedBandwidth {
            is_variable: self.boolean("vbr").unwrap_or(false),
            pairs: Vec::new(),
        };
        while let Some(child) = self.scan.child()? {
            if child.mpd() == "ModelPair"
                && let (Some(buffer), Some(bandwidth)) = (self.duration("bufferTime"), self.number("bandwidth"))
            {
                add(&mut extended.pairs, (buffer, bandwidth));
            }
            self.skip()?;
        }
        Ok(extended)
    }

    pub(super) fn metrics(&mut self) -> Result<Metrics, Halt> {
        let keys = self.text("metrics").unwrap_or_default();
        let mut metrics = Metrics {
            keys: super::service::profiles(&keys),
            ..Metrics::default()
        };
        while let Some(child) = self.scan.child()? {
            match child.mpd() {
                "Range" => {
                    let range = (self.duration("starttime"), self.duration("duration"));
                    add(&mut metrics.ranges, range);
                    self.skip()?;
                }
                "Reporting" => self.descriptor_to(&child, &mut metrics.reporting)?,
                _ => self.skip()?,
            }
        }
        Ok(metrics)
    }
}
