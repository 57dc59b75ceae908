//! TTML and its profiles: IMSC 1, IMSC 1.1, EBU-TT-D, SMPTE-TT, text and image.
//!
//! A paragraph becomes one cue for each span of time in which it looks the same.

mod flow;
mod image;
mod length;
mod style;
mod time;
mod timing;
mod tree;

use footlight_dash::Micros;

use crate::cue::{Cue, Direction, Layout, Percent, Place, Rgba, TextAlign, WritingMode};
use crate::{Error, MAX_CUES, join};
use flow::Flow;
use length::Frame;
use style::{Computed, Sheet};
use time::Clock;
use timing::Timing;
use tree::{Id, Tree};

/// Steps that one document may cost; a busy one takes some ten thousands.
const MAX_WORK: u32 = 4_000_000;
/// Moments at which one paragraph changes.
const MAX_MOMENTS: usize = 512;
/// Bytes of pictures in one document.
const MAX_IMAGES: usize = 32 << 20;

/// Reads the cues of a document, in document time; those without an end have [`Micros::MAX`]. `subsamples` are
/// the pictures beside it.
///
/// # Errors
/// When it is no TTML, or larger than what is handled.
pub fn parse(data: &[u8], subsamples: &[&[u8]]) -> Result<Vec<Cue>, Error> {
    let text = decode(data);
    let tree = Tree::parse(&text)?;
    let mut document = Document::new(&tree, subsamples);
    document.body()?;
    Ok(document.cues)
}

/// UTF-8, or UTF-16 that starts with a byte order mark.
fn decode(data: &[u8]) -> String {
    let wide = |unit: fn([u8; 2]) -> u16| {
        let (pairs, _) = data.as_chunks::<2>();
        let units: Vec<u16> = pairs.iter().map(|&pair| unit(pair)).collect();
        String::from_utf16_lossy(&units)
    };
    match data {
        [0xFE, 0xFF, ..] => wide(u16::from_be_bytes),
        [0xFF, 0xFE, ..] => wide(u16::from_le_bytes),
        _ => String::from_utf8_lossy(data).into_owned(),
    }
}

/// Origin and extent written on the content itself.
type OwnBox = (Option<(Percent, Percent)>, Option<(Percent, Percent)>);

/// A document that is being read.
struct Document<'a> {
    tree: &'a Tree<'a>,
    subsamples: &'a [&'a [u8]],
    frame: Frame,
    timing: Timing,
    sheet: Sheet<'a>,
    initial: Computed,
    /// Regions by name, sorted.
    regions: Vec<(&'a str, Id)>,
    cues: Vec<Cue>,
    images: usize,
    work: u32,
}

impl<'a> Document<'a> {
    fn new(tree: &'a Tree<'a>, subsamples: &'a [&'a [u8]]) -> Self {
        let head = tree.named(0, "head").next();
        let frame = Frame::of(tree);
        let mut initial = Computed::initial(&frame);
        let mut regions = Vec::new();
        for part in head.iter().flat_map(|&head| tree.elements(head)) {
            match tree.name(part) {
                "styling" => {
                    for id in tree.named(part, "initial") {
                        let size = initial.size();
                        for (name, value) in tree.node(id).map_or(&[][..], |node| &node.attributes) {
                            initial.apply(name, value.trim(), &frame, size);
                        }
                    }
                }
                "layout" => {
                    let named = tree.named(part, "region");
                    regions.extend(named.filter_map(|id| Some((tree.attribute(id, "id")?, id))));
                }
                _ => {}
            }
        }
        regions.sort_unstable();
        Self {
            tree,
            subsamples,
            frame,
            timing: Timing::of(tree, &Clock::of(tree)),
            sheet: Sheet::of(tree, head),
            initial,
            regions,
            cues: Vec::new(),
            images: 0,
            work: 0,
        }
    }

    /// Counts a step.
    fn work(&mut self) -> Result<(), Error> {
        self.work += 1;
        if self.work > MAX_WORK {
            Err(Error::TooLarge)
        } else {
            Ok(())
        }
    }

    fn body(&mut self) -> Result<(), Error> {
        let tree = self.tree;
        for body in tree.named(0, "body") {
            self.walk(&mut vec![body])?;
        }
        Ok(())
    }

    /// Goes down to paragraphs and pictures; `path` leads from the body to the element.
    fn walk(&mut self, path: &mut Vec<Id>) -> Result<(), Error> {
        self.work()?;
        let tree = self.tree;
        let Some(&id) = path.last() else { return Ok(()) };
        let is_paragraph = tree.name(id) == "p";
        if is_paragraph || self.has_image(id) {
            self.emit(path, is_paragraph)?;
        }
        if is_paragraph {
            return Ok(());
        }
        for child in tree.elements(id) {
            if matches!(tree.name(child), "div" | "p") {
                path.push(child);
                self.walk(path)?;
                path.pop();
            }
        }
        Ok(())
    }

    fn has_image(&self, id: Id) -> bool {
        let tree = self.tree;
        tree.attribute(id, "backgroundImage").is_some() || tree.named(id, "image").next().is_some()
    }

    /// The region that an element is shown in: its own, or that of what is around it.
    fn region(&self, path: &[Id]) -> Option<Id> {
        path.iter().rev().find_map(|&id| {
            if let Some(inline) = self.tree.named(id, "region").next() {
                return Some(inline);
            }
            let name = self.tree.attribute(id, "region")?;
            let at = self.regions.binary_search_by(|(own, _)| (*own).cmp(name)).ok()?;
            self.regions.get(at).map(|&(_, id)| id)
        })
    }

    /// The style of an element at `time`; none when it is not active or not displayed.
    fn computed(&mut self, id: Id, parent: &Computed, time: Micros) -> Result<Option<Computed>, Error> {
        let interval = self.timing.interval(id);
        // An inline region has the time of what it is in.
        if self.tree.name(id) != "region" && !(interval.start <= time && time < interval.end) {
            return Ok(None);
        }
        let mut computed = parent.inherited();
        let size = parent.size();
        let (tree, frame) = (self.tree, self.frame);
        let mut work = 0;
        self.sheet.specified(tree, id, |name, value| {
            work += 1;
            computed.apply(name, value, &frame, size);
        });
        for set in tree.named(id, "set") {
            work += 1;
            let interval = self.timing.interval(set);
            if interval.start <= time && time < interval.end {
                self.sheet
                    .specified(tree, set, |name, value| computed.apply(name, value, &frame, size));
            }
        }
        self.work = self.work.saturating_add(work);
        self.work()?;
        Ok(computed.own.display.then_some(computed))
    }

    /// Cues of one paragraph or picture, one for each time in which nothing changes.
    fn emit(&mut self, path: &[Id], is_paragraph: bool) -> Result<(), Error> {
        let Some(&id) = path.last() else { return Ok(()) };
        let region = self.region(path);
        let mut span = self.timing.interval(id);
        let named = region.filter(|&region| self.timing.interval(region).start != Micros::MAX);
        if let Some(region) = named {
            span = span.and(self.timing.interval(region));
        }
        let mut moments = vec![span.start, span.end];
        if is_paragraph {
            self.changes(id, &mut moments)?;
        }
        for &around in path.iter().chain(&region) {
            for set in self.tree.named(around, "set") {
                let interval = self.timing.interval(set);
                moments.extend([interval.start, interval.end]);
            }
        }
        moments.retain(|&moment| span.start <= moment && moment <= span.end);
        moments.sort_unstable();
        moments.dedup();
        moments.truncate(MAX_MOMENTS);
        let first = self.cues.len();
        for pair in moments.windows(2) {
            let &[start, end] = pair else { continue };
            if self.cues.len() >= MAX_CUES {
                return Err(Error::TooLarge);
            }
            if let Some(cue) = self.cue(path, region, is_paragraph, start)? {
                join(&mut self.cues, first, Cue { start, end, ..cue });
            }
        }
        Ok(())
    }

    /// The moments at which something inside appears or goes.
    fn changes(&mut self, id: Id, moments: &mut Vec<Micros>) -> Result<(), Error> {
        let tree = self.tree;
        for child in tree.elements(id) {
            self.work()?;
            let interval = self.timing.interval(child);
            if moments.len() < MAX_MOMENTS {
                moments.extend([interval.start, interval.end]);
            }
            self.changes(child, moments)?;
        }
        Ok(())
    }

    /// What a paragraph or a picture is at `time`.
    fn cue(&mut self, path: &[Id], region: Option<Id>, is_paragraph: bool, time: Micros) -> Result<Option<Cue>, Error> {
        let initial = self.initial.clone();
        let outer = match region {
            Some(region) => self.computed(region, &initial, time)?,
            None => Some(initial),
        };
        let Some(outer) = outer else { return Ok(None) };
        let mut computed = outer.clone();
        let mut block = Rgba::TRANSPARENT;
        let mut opacity = outer.own.opacity;
        let mut own_box = None;
        for &id in path {
            let Some(inner) = self.computed(id, &computed, time)? else {
                return Ok(None);
            };
            if !inner.own.background.is_transparent() {
                block = inner.own.background;
            }
            if inner.own.origin.is_some() || inner.own.extent.is_some() {
                own_box = Some((inner.own.origin, inner.own.extent));
            }
            opacity = faded(opacity, inner.own.opacity);
            computed = inner;
        }
        let Some(&id) = path.last() else { return Ok(None) };
        let mut layout = self.layout(region, &outer, &computed, own_box);
        layout.block_background = block.faded(opacity);
        let mut cue = Cue {
            id: self.tree.attribute(id, "id").unwrap_or_default().to_owned(),
            forced: computed.forced,
            layout,
            ..Cue::default()
        };
        if !is_paragraph {
            cue.image = self.image(id, &computed);
            return Ok(cue.image.is_some().then_some(cue).filter(|_| computed.visible));
        }
        let mut flow = Flow::new();
        computed.own.opacity = opacity;
        flow.element(self, id, &computed, Rgba::TRANSPARENT, time)?;
        cue.lines = flow.finish();
        Ok((!cue.lines.is_empty()).then_some(cue))
    }

    fn image(&mut self, id: Id, computed: &Computed) -> Option<crate::Image> {
        let tree = self.tree;
        let image = match &computed.own.image {
            Some(reference) => image::find(tree, reference, self.subsamples),
            None => {
                let inner = tree.named(id, "image").next()?;
                let source = tree.attribute(inner, "src");
                match source {
                    Some(source) => image::find(tree, source, self.subsamples),
                    None => image::embedded(tree, inner),
                }
            }
        }?;
        self.images = self.images.saturating_add(image.data.len());
        (self.images <= MAX_IMAGES).then_some(image)
    }

    fn layout(&self, region: Option<Id>, outer: &Computed, computed: &Computed, own_box: Option<OwnBox>) -> Layout {
        let (writing_mode, base) = outer
            .own
            .writing_mode
            .unwrap_or((WritingMode::Horizontal, Direction::Auto));
        let mut layout = Layout {
            writing_mode,
            direction: if computed.direction == Direction::Auto {
                base
            } else {
                computed.direction
            },
            line_height: computed.line_height,
            wrap: computed.wrap,
            layer: outer.own.layer,
            ..Layout::default()
        };
        let placed = region.is_some() || own_box.is_some();
        layout.text_align = computed
            .text_align
            .unwrap_or(if placed { TextAlign::Start } else { TextAlign::Center });
        if !placed {
            return layout;
        }
        let whole = (Percent::FULL, Percent::FULL);
        let extent = outer.own.extent.unwrap_or(whole);
        let position = outer.own.position.as_deref();
        let origin = position
            .and_then(|position| self.frame.position(position, extent, outer.size()))
            .or(outer.own.origin)
            .unwrap_or_default();
        let (origin, extent) = own_box.map_or((origin, extent), |(own_origin, own_extent)| {
            (own_origin.unwrap_or(origin), own_extent.unwrap_or(extent))
        });
        layout.place = Place::Box;
        layout.region = region
            .and_then(|id| self.tree.attribute(id, "id"))
            .unwrap_or_default()
            .to_owned();
        (layout.left, layout.top) = origin;
        (layout.width, layout.height) = extent;
        layout.block_align = outer.own.block_align;
        layout.padding = outer.padding(&self.frame, extent);
        layout.background = outer.own.background.faded(outer.own.opacity);
        layout
    }
}

/// One opacity within another.
fn faded(outer: u8, inner: u8) -> u8 {
    u8::try_from(u32::from(outer) * u32::from(inner) / 255).unwrap_or(255)
}

#[cfg(test)]
mod tests;
