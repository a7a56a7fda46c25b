//! Recorded words never become markup, whatever they are.

use pulldown_cmark::{Event, Options, Parser, Tag};

use crate::support::{DEEP, RELEASE, changed, markdown, recorded, report};

const HOSTILE: &str = "<script>alert(1)</script> <img src=x onerror=alert(1)> ![p](http://e.test/p.png) [l](javascript:x) \
    **b** `c` | d | &lt; ~~s~~ <https://e.test> https://e.test www.e.test \\u0000\\n# heading\\n- [x] ticked\\n---\\n\
    ```\\n\\u001b[31m {{x}} ]]> --> \\\"quoted\\\" \\\\";

/// The structure of a Markdown document: what would be drawn, without its words.
fn structure(markdown: &str) -> Vec<String> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS | Options::ENABLE_STRIKETHROUGH;
    let structure = Parser::new_ext(markdown, options).filter_map(|event| match event {
        Event::Start(Tag::Link { .. } | Tag::Image { .. }) => panic!("a link in {markdown}"),
        Event::Html(html) | Event::InlineHtml(html) => panic!("{html} in {markdown}"),
        Event::Start(tag) => Some(format!("{tag:?}")),
        Event::TaskListMarker(ticked) => Some(format!("ticked {ticked}")),
        Event::Rule => Some("rule".to_owned()),
        Event::Code(code) => Some(format!("code {code}")),
        _ => None,
    });
    structure.collect()
}

#[test]
fn hostile_words_come_out_harmless() {
    let benign = recorded(DEEP);
    let hostile = changed(&benign, |fact| {
        ["the script says so", "new submit flow", "simulated", "wait"]
            .iter()
            .fold(fact.to_owned(), |fact, word| {
                fact.replace(&format!("\"{word}\""), &format!("\"{HOSTILE}\""))
            })
    });
    let (benign, hostile) = (report(&benign, RELEASE), report(&hostile, RELEASE));
    let text = markdown(&hostile);
    assert!(text.contains("alert(1"), "the words are told: {text}");
    assert_eq!(structure(&text), structure(&markdown(&benign)));

    let page = |report| ripcord_report::html(&ripcord_report::whole(report, None));
    let (tame, wild) = (page(&benign), page(&hostile));
    assert_eq!(wild.matches('<').count(), tame.matches('<').count(), "a tag more, or one less");
    assert!(
        !wild.contains("<script") && !wild.contains("<img") && wild.contains("&#60;script&#62;"),
        "{wild}"
    );

    for file in ripcord_report::files(&hostile, None).iter().filter(|file| file.path.ends_with(".md")) {
        assert!(!file.text.chars().any(|c| c.is_control() && c != '\n'), "{}", file.path);
        assert!(!file.text.contains("<script>"), "{}", file.path);
    }
}
