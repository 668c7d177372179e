//! Dates and moments. charmcraft, which passes what it reads through JSON, writes them as texts of ISO 8601; and so does
//! the local packer.

use anyhow::{Result, anyhow};
use time::{Date, Month, Time};

/// Whether a plain scalar is a date, or a moment, to a reader of YAML 1.1.
pub(super) fn is_date(text: &str) -> bool {
    let day: Vec<usize> = text.split('-').map(str::len).collect();
    let digits = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    (day == [4, 2, 2] && digits) || Moment::of(text).is_some()
}

/// The date as a text, in the one form that charmcraft gives it.
pub(super) fn text(text: &str) -> Result<String> {
    let wrong = || anyhow!("there is no date {text}: put it in quotes if it is a text");
    match Moment::of(text) {
        Some(moment) => moment.iso().ok_or_else(wrong),
        None => day(text).ok_or_else(wrong),
    }
}

/// `2020-1-2` as `2020-01-02`, if there was such a day.
fn day(text: &str) -> Option<String> {
    let mut numbers = text.split('-');
    let year: i32 = numbers.next()?.parse().ok()?;
    let month: u8 = numbers.next()?.parse().ok()?;
    let day: u8 = numbers.next()?.parse().ok()?;
    Date::from_calendar_date(year, Month::try_from(month).ok()?, day).ok().filter(|_| year > 0)?;
    Some(format!("{year:04}-{month:02}-{day:02}"))
}

/// The parts of `2020-01-01 10:00:00.5 +02:00`, as they stand.
struct Moment<'a> {
    day: &'a str,
    clock: &'a str,
    fraction: &'a str,
    zone: &'a str,
}

impl<'a> Moment<'a> {
    fn of(text: &'a str) -> Option<Moment<'a>> {
        let blank = [' ', '\t'];
        let (day, rest) = text.split_at_checked(text.find(['T', 't', ' ', '\t'])?)?;
        let rest = match rest.strip_prefix(['T', 't']) {
            Some(rest) => rest,
            None => rest.trim_start_matches(blank),
        };
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != ':').unwrap_or(rest.len());
        let (clock, rest) = rest.split_at_checked(end)?;
        let (fraction, zone) = match rest.strip_prefix('.') {
            Some(rest) => {
                rest.split_at_checked(rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len()))?
            }
            None => ("", rest),
        };
        let zone = zone.trim_start_matches(blank);
        let fits = digits(day, '-', &[4..=4, 1..=2, 1..=2])
            && digits(clock, ':', &[1..=2, 2..=2, 2..=2])
            && (zone.is_empty()
                || zone == "Z"
                || zone.strip_prefix(['-', '+']).is_some_and(|offset| {
                    digits(offset, ':', &[1..=2]) || digits(offset, ':', &[1..=2, 2..=2])
                }));
        fits.then_some(Moment { day, clock, fraction, zone })
    }

    fn iso(&self) -> Option<String> {
        let day = day(self.day)?;
        let [hour, minute, second] = self.clock.split(':').collect::<Vec<_>>()[..] else { return None };
        let (hour, minute, second): (u8, u8, u8) =
            (hour.parse().ok()?, minute.parse().ok()?, second.parse().ok()?);
        Time::from_hms(hour, minute, second).ok()?;
        let micros = format!("{:0<6.6}", self.fraction);
        let fraction = if micros == "000000" { String::new() } else { format!(".{micros}") };
        let zone = self.iso_zone()?;
        Some(format!("{day}T{hour:02}:{minute:02}:{second:02}{fraction}{zone}"))
    }

    fn iso_zone(&self) -> Option<String> {
        let Some(offset) = self.zone.strip_prefix(['-', '+']) else { return Some(self.zone.into()) };
        let (hours, minutes) = offset.split_once(':').unwrap_or((offset, "0"));
        let (hours, minutes): (u32, u32) = (hours.parse().ok()?, minutes.parse().ok()?);
        let minutes = hours * 60 + minutes;
        let sign = if self.zone.starts_with('-') { '-' } else { '+' };
        match minutes {
            0 => Some("Z".into()),
            1..1440 => Some(format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)),
            _ => None,
        }
    }
}

/// Whether the text is numbers of these lengths.
fn digits(text: &str, separator: char, lengths: &[std::ops::RangeInclusive<usize>]) -> bool {
    let parts: Vec<&str> = text.split(separator).collect();
    parts.len() == lengths.len()
        && parts.iter().zip(lengths).all(|(part, length)| {
            length.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
        })
}
