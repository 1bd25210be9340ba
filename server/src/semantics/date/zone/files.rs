//! `TZ` and the files of zones, as on all Unix systems but Android.

use tz::TimeZone;

pub(super) struct Zone(TimeZone);

impl Zone {
    /// The one that `TZ` names or describes; without it, that of `/etc/localtime`. What cannot be read is UTC, as it
    /// is for the C library.
    pub(super) fn of_the_system() -> Self {
        let zone = match std::env::var_os("TZ") {
            Some(name) => name.to_str().and_then(named),
            None => TimeZone::local().ok(),
        };
        Self(zone.unwrap_or_else(TimeZone::utc))
    }

    pub(super) fn offset(&self, second: i64) -> i32 {
        if let Ok(local) = self.0.find_local_time_type(second) {
            return local.ut_offset();
        }
        // Behind the last change of a file without a rule for what follows, such as those that count leap seconds.
        let zone = self.0.as_ref();
        let last = zone.transitions().last();
        last.and_then(|last| zone.local_time_types().get(last.local_time_type_index()))
            .map_or(0, |local| local.ut_offset())
    }
}

fn named(name: &str) -> Option<TimeZone> {
    TimeZone::from_posix_tz(name)
        .ok()
        .or_else(|| described(name))
}

/// A rule such as `<-02>2<-01>,M3.5.0/-1,M10.5.0/0`. Its hours below 0 are allowed at the end of a file only, so it
/// is made the end of one that says nothing else (RFC 9636 section 3).
fn described(rule: &str) -> Option<TimeZone> {
    let mut file = Vec::with_capacity(128);
    // The second of the two parts is the one that counts. Both have one type of local time, UTC.
    for _ in 0..2 {
        file.extend_from_slice(b"TZif3");
        file.extend_from_slice(&[0; 15]);
        for count in [0u32, 0, 0, 0, 1, 4] {
            file.extend_from_slice(&count.to_be_bytes());
        }
        file.extend_from_slice(b"\0\0\0\0\0\0UTC\0");
    }
    file.push(b'\n');
    file.extend_from_slice(rule.as_bytes());
    file.push(b'\n');
    TimeZone::from_tz_data(&file).ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// A winter's day, a summer's day and one in a far year, and Python's `time.localtime(..).tm_gmtoff` for them.
    const TIMES: [i64; 3] = [1_795_255_371, 1_783_000_000, 250_000_000_000];

    fn offsets(name: &str) -> Option<[i32; 3]> {
        let zone = Zone(named(name)?);
        Some(TIMES.map(|time| zone.offset(time)))
    }

    #[test]
    fn rules() {
        for (name, expected) in [
            ("CET-1CEST,M3.5.0,M10.5.0/3", [3600, 7200, 3600]),
            ("NST3:30NDT,M3.2.0,M11.1.0", [-12_600, -9000, -12_600]),
            ("AEST-10AEDT,M10.1.0,M4.1.0/3", [39_600, 36_000, 39_600]),
            ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", [-7200, -3600, -7200]),
            ("EST5EDT,0/0,J365/25", [-14_400, -14_400, -14_400]),
            ("<+0330>-3:30", [12_600, 12_600, 12_600]),
            ("IST-5:30", [19_800, 19_800, 19_800]),
            ("UTC0", [0, 0, 0]),
        ] {
            assert_eq!(offsets(name), Some(expected), "{name}");
        }
    }

    #[test]
    fn files() {
        if !std::path::Path::new("/usr/share/zoneinfo/Europe/Berlin").exists() {
            return;
        }
        let berlin = Some([3600, 7200, 3600]);
        for name in [
            "Europe/Berlin",
            ":Europe/Berlin",
            "/usr/share/zoneinfo/Europe/Berlin",
            ":/usr/share/zoneinfo/Europe/Berlin",
        ] {
            assert_eq!(offsets(name), berlin, "{name}");
        }
        assert_eq!(offsets("Asia/Kolkata"), Some([19_800, 19_800, 19_800]));
    }

    #[test]
    fn what_is_broken_is_utc() {
        for name in [
            "",
            ":",
            " ",
            "nonsense",
            "No/Such_Zone",
            "/",
            "/dev/null",
            ":/etc/passwd",
            "XXX-25",
            "CET-1CEST,M3.5.0",
            "CET-1CEST,M13.5.0,M10.5.0/3",
            "UTC0\nCET-1",
            "\0",
        ] {
            let zone = Zone(named(name).unwrap_or_else(TimeZone::utc));
            assert_eq!(zone.offset(TIMES[1]), 0, "{name:?}");
        }
    }

    #[test]
    fn a_file_without_a_rule_keeps_its_last_offset() {
        let mut file = b"TZif\0".to_vec();
        file.extend_from_slice(&[0; 15]);
        for count in [0u32, 0, 0, 1, 2, 4] {
            file.extend_from_slice(&count.to_be_bytes());
        }
        file.extend_from_slice(&1_000_000_000u32.to_be_bytes());
        file.extend_from_slice(b"\x01");
        file.extend_from_slice(b"\0\0\0\0\0\0\0\0\x0e\x10\0\0");
        file.extend_from_slice(b"XXX\0");
        let zone = Zone(TimeZone::from_tz_data(&file).unwrap());
        assert_eq!(zone.offset(999_999_999), 0);
        assert_eq!(zone.offset(1_000_000_000), 3600);
        assert_eq!(zone.offset(i64::MAX), 3600);
        for length in 0..file.len() {
            assert!(TimeZone::from_tz_data(&file[..length]).is_err());
        }
    }
}
