//! The font of a PDF: the glyphs that it uses, and which characters they are, so that texts can be searched.

use std::collections::BTreeMap;

use ab_glyph::{Font, FontRef};
use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Finish, Name, Pdf, Rect, Ref, Str};
use subsetter::GlyphRemapper;

use super::text::FONT;

/// The prefix says that this is a part of the font.
const NAME: Name<'_> = Name(b"FIGURE+DejaVuSans");
const CMAP: Name<'_> = Name(b"Custom");
const SYSTEM: SystemInfo<'_> =
    SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };

/// The glyphs that are used.
#[derive(Default)]
pub(super) struct PdfFont {
    glyphs: GlyphRemapper,
    /// By the number of the glyph in the file: its character, and its width in ems.
    used: BTreeMap<u16, (char, f32)>,
}

impl PdfFont {
    /// The glyphs of a text as the file writes them, and their width in ems.
    pub fn glyphs(&mut self, text: &str) -> (Vec<u8>, f32) {
        let Ok(font) = FontRef::try_from_slice(FONT) else { return (Vec::new(), 0.0) };
        let em = font.units_per_em().unwrap_or(2_048.0);
        let (mut written, mut width) = (Vec::new(), 0.0);
        for character in text.chars() {
            let glyph = font.glyph_id(character);
            let advance = font.h_advance_unscaled(glyph) / em;
            let number = self.glyphs.remap(glyph.0);
            self.used.insert(number, (character, advance));
            written.extend(number.to_be_bytes());
            width += advance;
        }
        (written, width)
    }

    /// Writes the font and its descriptions; `font` and the four numbers after it are its own.
    ///
    /// # Errors
    ///
    /// If the font is broken.
    pub fn embed(&self, pdf: &mut Pdf, font: Ref) -> Result<(), String> {
        let [descendant, descriptor, cmap, file] = [1, 2, 3, 4].map(|it| Ref::new(font.get() + it));
        let part = subsetter::subset(FONT, 0, &self.glyphs).map_err(|error| error.to_string())?;
        let mut outer = pdf.type0_font(font);
        outer.base_font(NAME).encoding_predefined(Name(b"Identity-H"));
        outer.descendant_font(descendant).to_unicode(cmap);
        outer.finish();
        let mut inner = pdf.cid_font(descendant);
        inner.subtype(CidFontType::Type2).base_font(NAME).system_info(SYSTEM);
        inner.font_descriptor(descriptor).default_width(600.0);
        inner.cid_to_gid_map_predefined(Name(b"Identity"));
        let mut widths = inner.widths();
        for (number, (_, advance)) in &self.used {
            widths.consecutive(*number, [1_000.0 * advance]);
        }
        widths.finish();
        inner.finish();
        let mut described = pdf.font_descriptor(descriptor);
        described.name(NAME).flags(FontFlags::NON_SYMBOLIC);
        described.bbox(Rect::new(-1_021.0, -463.0, 1_793.0, 1_232.0)).italic_angle(0.0);
        described.ascent(928.0).descent(-236.0).cap_height(729.0).stem_v(80.0).font_file2(file);
        described.finish();
        let mut names = UnicodeCmap::<u16>::new(CMAP, SYSTEM);
        for (number, (character, _)) in &self.used {
            names.pair(*number, *character);
        }
        pdf.cmap(cmap, &names.finish());
        pdf.stream(file, &part);
        Ok(())
    }
}
