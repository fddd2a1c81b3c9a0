//! Every host that is one or two characters away from one that a rule names, and every usual way to write it, through the
//! property that compares the filter with common software.

use claimgate_properties::authority;

const HOSTS: [&str; 7] =
    ["admin.test", "below.sub.test:80", "127.0.0.1", "[::1]:443", "[0:0:0:0:0:0:0:1]", "xn--admin-.test", "0x7f.1"];

/// What parsers treat specially, and what they drop.
const SPECIAL: [&str; 30] = [
    ":", "@", ".", ",", "%", "%2e", "%00", "%61", "/", "\\", "?", "#", " ", "\t", "\r\n", "\0", "[", "]", "+", "-",
    "_", ";", "x", "0", "xn--", "\u{ff0e}", "\u{3002}", "\u{ad}", "\u{212a}", "\u{e4}",
];

/// `text` with `more` at a place between two characters.
fn inserted(text: &str, more: &str) -> Vec<String> {
    let places = (0..=text.len()).filter(|at| text.is_char_boundary(*at));
    places.map(|at| format!("{}{more}{}", &text[..at], &text[at..])).collect()
}

#[test]
fn no_reader_finds_a_host_whose_rule_is_missed() {
    for host in HOSTS {
        authority(host.as_bytes());
        for byte in 0..=0x7f_u8 {
            inserted(host, &char::from(byte).to_string()).iter().for_each(|text| authority(text.as_bytes()));
        }
        for one in SPECIAL {
            for text in inserted(host, one) {
                authority(text.as_bytes());
                SPECIAL.iter().for_each(|other| {
                    authority(format!("{text}{other}").as_bytes());
                    authority(format!("{other}{text}").as_bytes());
                });
            }
        }
    }
}

#[test]
fn every_pair_of_special_characters_meets_the_rule() {
    for one in SPECIAL {
        for text in inserted("admin.test", one) {
            for other in SPECIAL {
                inserted(&text, other).iter().for_each(|text| authority(text.as_bytes()));
            }
        }
    }
}
