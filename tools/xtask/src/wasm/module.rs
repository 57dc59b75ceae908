//! As much of the WebAssembly binary format as telling a module's imports needs.

use anyhow::{Context, Result, bail, ensure};

/// One import: `module.name`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Import {
    pub(crate) module: String,
    pub(crate) name: String,
}

const HEADER: &[u8] = b"\0asm\x01\0\0\0";
const IMPORT_SECTION: u8 = 2;

/// The imports of a module, in order.
pub(crate) fn imports(bytes: &[u8]) -> Result<Vec<Import>> {
    let mut reader = Reader(bytes.strip_prefix(HEADER).context("it has no WebAssembly header")?);
    while !reader.0.is_empty() {
        let id = reader.byte()?;
        let length = reader.number()?;
        let body = reader.take(length)?;
        if id == IMPORT_SECTION {
            return import_section(Reader(body));
        }
    }
    Ok(Vec::new())
}

fn import_section(mut reader: Reader<'_>) -> Result<Vec<Import>> {
    let count = reader.number()?;
    let mut imports = Vec::new();
    for _ in 0..count {
        imports.push(Import {
            module: reader.name()?,
            name: reader.name()?,
        });
        reader.skip_description()?;
    }
    Ok(imports)
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Result<u8> {
        let (first, rest) = self.0.split_first().context("it ends too early")?;
        self.0 = rest;
        Ok(*first)
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length).context("it ends too early")?;
        self.0 = rest;
        Ok(taken)
    }

    /// An unsigned LEB128 number of up to 35 bits.
    fn number(&mut self) -> Result<usize> {
        let mut value = 0_usize;
        for shift in (0..35).step_by(7) {
            let byte = self.byte()?;
            value |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        bail!("a number in it is too long")
    }

    fn name(&mut self) -> Result<String> {
        let length = self.number()?;
        Ok(std::str::from_utf8(self.take(length)?)
            .context("a name in it is not UTF-8")?
            .to_owned())
    }

    fn skip_description(&mut self) -> Result<()> {
        match self.byte()? {
            0 => self.number().map(drop),
            1 => {
                self.byte()?;
                self.skip_limits()
            }
            2 => self.skip_limits(),
            3 => self.take(2).map(drop),
            4 => {
                self.byte()?;
                self.number().map(drop)
            }
            kind => bail!("it has an import of the unknown kind {kind}"),
        }
    }

    fn skip_limits(&mut self) -> Result<()> {
        let flags = self.byte()?;
        ensure!(flags < 8, "a memory or table in it has unknown flags");
        self.number()?;
        if flags & 1 == 1 {
            self.number()?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A module with a custom section, then imports of a function, a table, a memory and a global.
    fn sample() -> Vec<u8> {
        let mut section = vec![4];
        let mut import = |name: &str, description: &[u8]| {
            section.extend([3]);
            section.extend(b"env");
            section.push(u8::try_from(name.len()).expect("a short name"));
            section.extend(name.bytes());
            section.extend(description);
        };
        import("f", &[0, 0x80, 0x01]);
        import("table", &[1, 0x70, 0, 1]);
        import("memory", &[2, 1, 1, 2]);
        import("g", &[3, 0x7f, 0]);
        let mut module = HEADER.to_vec();
        module.extend([0, 3, 1, b'x', 9, 2]);
        module.push(u8::try_from(section.len()).expect("a short section"));
        module.extend(section);
        module
    }

    #[test]
    fn imports_of_every_kind_are_read() {
        let names: Vec<_> = imports(&sample())
            .expect("a module")
            .into_iter()
            .map(|i| i.name)
            .collect();
        assert_eq!(names, ["f", "table", "memory", "g"]);
    }

    #[test]
    fn what_is_no_module_is_an_error() {
        assert!(imports(b"GIF89a").is_err());
        let module = sample();
        // A cut between two sections leaves a module.
        let custom = HEADER.len() + 5;
        for end in (HEADER.len() + 1..module.len()).filter(|end| *end != custom) {
            assert!(imports(&module[..end]).is_err(), "cut at {end}");
        }
    }
}
