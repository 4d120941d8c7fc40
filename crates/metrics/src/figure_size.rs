//! The size of a figure's files, as a spec writes it.

use crate::experiment::FigureRequest;

/// The width of a column and of a page of a paper, in millimetres: 3.25 and 6.75 inches.
const COLUMN: f64 = 82.55;
const PAGE: f64 = 171.45;
/// The least and the greatest length, in millimetres.
const LEAST: f64 = 40.0;
const GREATEST: f64 = 1_000.0;

impl FigureRequest {
    /// The width in millimetres; nothing if the report chooses.
    ///
    /// # Errors
    ///
    /// If it is no width, with what it can be.
    pub fn width_in_millimetres(&self) -> Result<Option<f64>, String> {
        match self.width.as_str() {
            "" => Ok(None),
            "column" => Ok(Some(COLUMN)),
            "page" => Ok(Some(PAGE)),
            other => millimetres(other).map(Some).map_err(|why| {
                format!(
                    "`{other}` is no width: {why}; write \"column\", \"page\" or such as \"140mm\""
                )
            }),
        }
    }

    /// The height in millimetres; nothing if the report chooses.
    ///
    /// # Errors
    ///
    /// If it is no height, with what it can be.
    pub fn height_in_millimetres(&self) -> Result<Option<f64>, String> {
        match self.height.as_str() {
            "" => Ok(None),
            other => millimetres(other)
                .map(Some)
                .map_err(|why| format!("`{other}` is no height: {why}; write such as \"60mm\"")),
        }
    }
}

fn millimetres(text: &str) -> Result<f64, String> {
    let number = text.strip_suffix("mm").and_then(|number| number.trim().parse::<f64>().ok());
    match number {
        Some(number) if (LEAST..=GREATEST).contains(&number) => Ok(number),
        Some(_) => Err(format!("it is not between {LEAST} mm and {GREATEST} mm")),
        None => Err("it has no number of millimetres".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_and_heights_are_names_or_millimetres() {
        let of = |width: &str, height: &str| FigureRequest {
            kind: "per-task".into(),
            x: String::new(),
            y: Vec::new(),
            width: width.into(),
            height: height.into(),
        };
        assert_eq!(of("", "").width_in_millimetres(), Ok(None));
        assert_eq!(of("column", "").width_in_millimetres(), Ok(Some(82.55)));
        assert_eq!(of("140 mm", "60mm").width_in_millimetres(), Ok(Some(140.0)));
        assert_eq!(of("140 mm", "60mm").height_in_millimetres(), Ok(Some(60.0)));
        assert!(of("wide", "").width_in_millimetres().is_err_and(|it| it.contains("\"column\"")));
        assert!(of("3mm", "page").width_in_millimetres().is_err_and(|it| it.contains("between")));
        assert!(of("3mm", "page").height_in_millimetres().is_err());
    }
}
