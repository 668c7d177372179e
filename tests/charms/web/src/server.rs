//! The workload: a small HTTP/1.1 server for GET and HEAD, one thread and one answer per connection.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crate::Result;
use crate::state::State;
use crate::workload::READY;

/// A request must be here, and an answer gone, within this time.
const LIMIT: Duration = Duration::from_secs(10);
const MAX_REQUEST: usize = 8 * 1024;
const MAX_CONNECTIONS: usize = 64;

/// `web serve <address> <state directory>`; ends only by a signal.
pub fn serve(args: &[String]) -> Result<()> {
    let [address, dir] = args else { return Err("usage: web serve ADDRESS STATE-DIR".into()) };
    let listener =
        TcpListener::bind(address).map_err(|error| format!("cannot listen on {address}: {error}"))?;
    println!("{READY}");
    eprintln!("listening on {address}, pid {}", std::process::id());

    let state = Arc::new(State::at(dir));
    for stream in listener.incoming() {
        let stream = match stream {
            Ok(stream) => stream,
            Err(error) => {
                eprintln!("accept: {error}");
                // Out of descriptors, most likely: give the open connections time to end.
                thread::sleep(Duration::from_millis(50));
                continue;
            }
        };
        // One count is the loop's own.
        if Arc::strong_count(&state) > MAX_CONNECTIONS {
            let _ = answer(stream, true, &Page::text(503, "too many connections"));
            continue;
        }
        let state = Arc::clone(&state);
        let spawned = thread::Builder::new().spawn(move || {
            if let Err(error) = handle(stream, &state) {
                eprintln!("connection: {error}");
            }
        });
        if let Err(error) = spawned {
            eprintln!("thread: {error}");
        }
    }
    Ok(())
}

fn handle(mut stream: TcpStream, state: &State) -> io::Result<()> {
    stream.set_write_timeout(Some(LIMIT))?;
    let Some(head) = read_head(&mut stream)? else { return Ok(()) };
    let (body, page) = match parse(&head) {
        Ok((method, path)) => (method == Method::Get, page(state, path)),
        Err(status) => (true, Page::text(status, reason(status))),
    };
    answer(stream, body, &page)
}

/// The request up to its empty line; nothing when the peer went away without a word.
fn read_head(stream: &mut TcpStream) -> io::Result<Option<Vec<u8>>> {
    let deadline = Instant::now() + LIMIT;
    let mut head = Vec::new();
    let mut chunk = [0; 1024];
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(ErrorKind::TimedOut.into());
        }
        stream.set_read_timeout(Some(left))?;
        let count = stream.read(&mut chunk)?;
        head.extend_from_slice(&chunk[..count]);
        match count {
            0 if head.is_empty() => return Ok(None),
            0 => return Ok(Some(head)),
            _ if head.windows(4).any(|end| end == b"\r\n\r\n") || head.len() > MAX_REQUEST => {
                return Ok(Some(head));
            }
            _ => {}
        }
    }
}

#[derive(Debug, PartialEq)]
enum Method {
    Get,
    Head,
}

/// The method and the path without its query, or the status that says what is wrong.
fn parse(head: &[u8]) -> std::result::Result<(Method, &str), u16> {
    if head.len() > MAX_REQUEST {
        return Err(431);
    }
    let end = head.windows(4).position(|end| end == b"\r\n\r\n").ok_or(400_u16)?;
    let head = str::from_utf8(&head[..end]).map_err(|_| 400_u16)?;
    let line = head.split("\r\n").next().ok_or(400_u16)?;
    let [method, target, version] = line.split(' ').collect::<Vec<_>>()[..] else { return Err(400) };
    if !version.starts_with("HTTP/1.") || !target.starts_with('/') {
        return Err(400);
    }
    let method = match method {
        "GET" => Method::Get,
        "HEAD" => Method::Head,
        _ => return Err(405),
    };
    Ok((method, target.split('?').next().unwrap_or(target)))
}

struct Page {
    status: u16,
    content_type: &'static str,
    body: String,
}

impl Page {
    fn text(status: u16, line: &str) -> Page {
        Page { status, content_type: "text/plain; charset=utf-8", body: format!("{line}\n") }
    }
}

fn page(state: &State, path: &str) -> Page {
    find_page(state, path).unwrap_or_else(|error| {
        eprintln!("{path}: {error}");
        Page::text(500, reason(500))
    })
}

fn find_page(state: &State, path: &str) -> Result<Page> {
    let file = |name| Ok::<_, crate::Error>(state.read(name)?.unwrap_or_default());
    Ok(match path {
        "/" => {
            let body = file("site")?.replace("{{greeting}}", &escape(&file("greeting")?));
            Page { status: 200, content_type: "text/html; charset=utf-8", body }
        }
        "/health" => Page::text(200, "ok"),
        "/greeting" => Page::text(200, &file("greeting")?),
        "/server-name" => Page::text(200, &file("server-name")?),
        "/database" => match state.credentials()? {
            Some(database) => {
                Page::text(200, &format!("endpoint: {}\nusername: {}", database.endpoint, database.username))
            }
            None => Page::text(404, "no database"),
        },
        _ => match path.strip_prefix("/users/") {
            Some(name) if state.users()?.iter().any(|user| user == name) => Page::text(200, "registered"),
            Some(_) => Page::text(404, "not registered"),
            None => Page::text(404, reason(404)),
        },
    })
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn answer(mut stream: TcpStream, with_body: bool, page: &Page) -> io::Result<()> {
    let head = format!(
        "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        page.status,
        reason(page.status),
        page.content_type,
        page.body.len()
    );
    stream.write_all(head.as_bytes())?;
    if with_body {
        stream.write_all(page.body.as_bytes())?;
    }
    stream.flush()
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        400 => "Bad Request",
        404 => "Not Found",
        405 => "Method Not Allowed",
        431 => "Request Header Fields Too Large",
        503 => "Service Unavailable",
        _ => "Internal Server Error",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_requests() {
        assert_eq!(parse(b"GET /a?b=c HTTP/1.1\r\nHost: x\r\n\r\n"), Ok((Method::Get, "/a")));
        assert_eq!(parse(b"HEAD / HTTP/1.0\r\n\r\n"), Ok((Method::Head, "/")));
        assert_eq!(parse(b"POST / HTTP/1.1\r\n\r\n"), Err(405));
        for bad in
            [&b"GET / HTTP/1.1\r\n"[..], b"GET /\r\n\r\n", b"GET a HTTP/1.1\r\n\r\n", b"\xff\r\n\r\n", b""]
        {
            assert_eq!(parse(bad), Err(400));
        }
        assert_eq!(parse(&[b'a'; MAX_REQUEST + 1]), Err(431));
    }

    #[test]
    fn shows_what_the_hooks_left() {
        let dir = std::env::temp_dir().join(format!("web-charm-pages-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let state = State::at(&dir);
        state.write("site", "<h1>{{greeting}}</h1>").unwrap();
        state.write("greeting", "a < b").unwrap();
        state.set_users(&["ubuntu".to_owned()]).unwrap();
        let get = |path| (page(&state, path).status, page(&state, path).body);
        assert_eq!(get("/"), (200, "<h1>a &lt; b</h1>".into()));
        assert_eq!(get("/greeting"), (200, "a < b\n".into()));
        assert_eq!(get("/users/ubuntu"), (200, "registered\n".into()));
        assert_eq!(get("/users/nobody").0, 404);
        assert_eq!(get("/database").0, 404);
        assert_eq!(get("/../state/users").0, 404);
        std::fs::remove_dir_all(&dir).unwrap();
    }
}
