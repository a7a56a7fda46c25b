//! What pages load: embedded, and named after its content, so that a browser may keep it for ever.

use std::sync::OnceLock;

use sha2::{Digest as _, Sha256};

use crate::look::style;

const LIVE: &str = include_str!("../assets/live.js");
const ICON: &str = include_str!("../assets/icon.svg");

/// One file that pages load.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asset {
    /// The last part of its address.
    pub name: String,
    /// Its media type.
    pub media_type: &'static str,
    /// Its content.
    pub content: String,
}

impl Asset {
    fn new(stem: &str, extension: &str, media_type: &'static str, content: String) -> Self {
        let digest = Sha256::digest(content.as_bytes());
        let mark: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        Self { name: format!("{stem}.{mark}.{extension}"), media_type, content }
    }

    /// Where pages find it.
    pub fn path(&self) -> String {
        format!("/assets/{}", self.name)
    }
}

struct Assets {
    style: Asset,
    live: Asset,
    icon: Asset,
}

fn assets() -> &'static Assets {
    static ASSETS: OnceLock<Assets> = OnceLock::new();
    ASSETS.get_or_init(|| Assets {
        style: Asset::new("ripcord", "css", "text/css; charset=utf-8", style::sheet()),
        live: Asset::new("live", "js", "text/javascript; charset=utf-8", LIVE.to_owned()),
        icon: Asset::new("icon", "svg", "image/svg+xml", ICON.to_owned()),
    })
}

/// The style sheet.
pub fn style_sheet() -> &'static Asset {
    &assets().style
}

/// The module that keeps a page up to date.
pub fn live() -> &'static Asset {
    &assets().live
}

/// The icon.
pub fn icon() -> &'static Asset {
    &assets().icon
}

/// The asset of this name; a name is compared, never opened.
pub fn find(name: &str) -> Option<&'static Asset> {
    [style_sheet(), live(), icon()].into_iter().find(|asset| asset.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_embedded_is_found() {
        assert!(find(&live().name).is_some());
        for name in ["", "live.js", "../live.js", "..%2f..%2fetc%2fpasswd", "/etc/passwd"] {
            assert_eq!(find(name), None, "{name}");
        }
    }

    #[test]
    fn all_of_it_is_small() {
        let sizes: usize = [style_sheet(), live(), icon()].iter().map(|asset| asset.content.len()).sum();
        assert!(sizes < 40_000, "{sizes} bytes for what every page loads");
    }
}
