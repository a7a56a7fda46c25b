//! Colours that can be told apart in light and in dark, and by people who do not see all of them.

/// Classes of everything that is drawn.
pub(super) const CSS: &str = "\
.paper{fill:#fff}.title{font-size:17px;font-weight:600;fill:#1f2328}.small{font-size:12px;fill:#59636e}.halo{paint-order:stroke;stroke:#fff;stroke-width:3px;stroke-linejoin:round}\
.axis{stroke:#59636e;stroke-width:1}.grid{stroke:#d1d9e0;stroke-width:1}\
.past{fill:#8c959f;fill-opacity:.14}.wrong{fill:#cf222e;fill-opacity:.10}.onset{stroke:#cf222e;stroke-width:1.5}\
.canary{fill:none;stroke:#b4460a;stroke-width:1.4}.control{fill:none;stroke:#0b63ce;stroke-width:1.4}\
.level{stroke:#59636e;stroke-width:1;stroke-dasharray:5 4}.finish{stroke:#1f2328;stroke-width:1.2;stroke-dasharray:7 4}\
.e0,.e1,.e2,.e3{fill:none;stroke-width:1.5}.e0{stroke:#7c3aed}.e1{stroke:#0f766e;stroke-dasharray:8 2}\
.e2{stroke:#9a5b00;stroke-dasharray:2 2}.e3{stroke:#be185d;stroke-dasharray:8 2 2 2}\
.violated{stroke:#b4460a;stroke-width:5;fill:none}.fired{fill:#cf222e;stroke:#cf222e;stroke-width:1.5}\
.hollow{fill:#fff;stroke:#cf222e;stroke-width:1.5}.again{stroke:#cf222e;stroke-width:1}\
@media (prefers-color-scheme:dark){.paper{fill:#0d1117}.title{fill:#f0f6fc}.small{fill:#9da7b3}.halo{stroke:#0d1117}\
.axis{stroke:#9da7b3}.grid{stroke:#2b3139}.past{fill:#9da7b3}.wrong{fill:#ff7b72;fill-opacity:.14}.onset{stroke:#ff7b72}\
.canary{stroke:#ffa657}.control{stroke:#79c0ff}.level{stroke:#9da7b3}.finish{stroke:#f0f6fc}\
.e0{stroke:#c4a7ff}.e1{stroke:#56d4bc}.e2{stroke:#e3b341}.e3{stroke:#ff9bce}\
.violated{stroke:#ffa657}.fired{fill:#ff7b72;stroke:#ff7b72}.hollow{fill:#0d1117;stroke:#ff7b72}.again{stroke:#ff7b72}}";

/// How many lines can be told apart.
const LINES: usize = 4;

/// The class of the line number `index`.
pub(super) fn of_line(index: usize) -> String {
    format!("e{}", index % LINES)
}
