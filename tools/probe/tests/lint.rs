//! `footlight-probe lint` as one calls it.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

const CLEAN: &str = r#"<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-live:2011"
    type="static" mediaPresentationDuration="PT10S" minBufferTime="PT2S">
  <Period id="p0">
    <AdaptationSet mimeType="video/mp4" codecs="avc1.64001F" segmentAlignment="true">
      <SegmentTemplate media="$Number$.m4s" initialization="init.mp4" duration="2" timescale="1"/>
      <Representation id="v" bandwidth="1000000" width="640" height="360"/>
    </AdaptationSet>
  </Period>
</MPD>"#;

fn probe(arguments: &[&str], stdin: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_footlight-probe"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    // A program that does not read its input may be gone already.
    let _ = child.stdin.take().expect("it has an input").write_all(stdin.as_bytes());
    child.wait_with_output().expect("it ends")
}

fn lint(arguments: &[&str], stdin: &str) -> (Option<i32>, String) {
    let output = probe(&[&["lint"], arguments].concat(), stdin);
    (
        output.status.code(),
        String::from_utf8(output.stdout).expect("it writes UTF-8"),
    )
}

fn lint_json(place: &str, stdin: &str) -> (Option<i32>, Value) {
    let (code, text) = lint(&["--json", place], stdin);
    (code, serde_json::from_str(&text).expect("it writes JSON"))
}

/// A manifest whose representation cannot be used.
fn with_warning() -> String {
    CLEAN.replace(r#"bandwidth="1000000""#, r#"bandwidth="fast""#)
}

#[test]
fn a_clean_manifest_is_called_clean() {
    assert_eq!(lint(&["-"], CLEAN), (Some(0), "<stdin>: clean\n".into()));
    let (code, found) = lint_json("-", CLEAN);
    assert_eq!(
        (code, &found["diagnostics"], &found["unreadable"]),
        (Some(0), &serde_json::json!([]), &Value::Null)
    );
}

#[test]
fn findings_are_shown_where_they_are_and_without_colours_in_a_pipe() {
    let (code, text) = lint(&["-"], &with_warning());
    assert!(matches!(code, Some(0 | 1)), "{code:?}");
    let (_, found) = lint_json("-", &with_warning());
    let all = found["diagnostics"].as_array().expect("a list");
    let first = all
        .iter()
        .find(|d| d["code"] == "representation.no-bandwidth")
        .expect("it is found");
    assert_eq!(first["line"], 6, "{found}");
    let head = format!(
        "{}[{}]",
        first["severity"].as_str().unwrap_or("?"),
        first["code"].as_str().unwrap_or("?")
    );
    assert!(text.contains(&head), "{text}");
    assert!(text.contains(&format!("--> <stdin>:6:{}", first["column"])), "{text}");
    assert!(
        text.contains(r#"6 | <Representation id="v" bandwidth="fast""#),
        "{text}"
    );
    assert!(!text.contains('\x1b'), "{text}");
}

#[test]
fn what_is_no_manifest_is_unreadable() {
    let (code, text) = lint(&["-"], "<html>\n</html>");
    assert_eq!(code, Some(2));
    assert!(text.contains("<stdin>:1:1") && text.ends_with("unreadable\n"), "{text}");
    let (code, found) = lint_json("-", "<MPD><Period>");
    assert_eq!(
        (code, &found["unreadable"]["code"]),
        (Some(2), &Value::from("manifest.malformed"))
    );
    let output = probe(&["lint", "/there/is/no/such.mpd"], "");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot open /there/is/no/such.mpd"));
}

#[test]
fn the_model_is_printed_as_a_player_sees_it() {
    let (code, text) = lint(&["--model", "-"], CLEAN);
    assert_eq!(code, Some(0));
    assert!(
        text.contains("avc1.64001F") && text.ends_with("<stdin>: clean\n"),
        "{text}"
    );
}

#[test]
fn urls_are_fetched() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    let server = std::thread::spawn(move || {
        for (status, body) in [("200 OK", CLEAN), ("404 Not Found", "gone")] {
            let (mut stream, _) = listener.accept().expect("a request");
            let mut lines = BufReader::new(&stream).lines();
            while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
            let length = body.len();
            let head = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
            stream.write_all(format!("{head}{body}").as_bytes()).expect("an answer");
        }
    });
    let url = format!("http://{address}/live/manifest.mpd");
    assert_eq!(lint(&[&url], ""), (Some(0), format!("{url}: clean\n")));
    let (code, found) = lint_json(&url, "");
    let message = found["unreadable"]["message"].as_str().unwrap_or_default().to_owned();
    assert_eq!(code, Some(2));
    assert!(message.contains("404"), "{message}");
    server.join().expect("the server ends");
}
