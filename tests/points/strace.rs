//! Runs the player under strace and reads what strace wrote: which calls it made, and which of them were made to fail.

use std::collections::BTreeMap;
use std::fs;

/// One call of the player, complete.
#[derive(Clone, Debug)]
pub struct Call {
    pub thread: u32,
    pub name: String,
    /// What stands between the parentheses, unparsed.
    pub arguments: String,
    /// Its result; -1 is an error.
    pub result: i64,
}

/// The calls that touch files, of any kind that the player or the standard library may use.
pub const FILE_CALLS: &str = "openat,read,pread64,write,pwrite64,lseek,fsync,fdatasync,ftruncate,rename,renameat,renameat2,link,linkat,\
    unlink,unlinkat,mkdir,mkdirat,rmdir,chmod,fchmod,fchmodat,statx,fstat,newfstatat,getdents64,flock,statfs,fstatfs,copy_file_range,sendfile,\
    fallocate,symlink,symlinkat,utimensat,close,dup,fcntl";

/// Whether a call changes files.
pub fn changes(name: &str) -> bool {
    !["read", "pread64", "lseek", "statx", "fstat", "newfstatat", "getdents64", "flock", "statfs", "fstatfs", "close", "dup", "fcntl"]
        .contains(&name)
}

/// Reads a log of `strace -f`, in the order in which the calls ended; those that close a descriptor, in which they began.
pub fn read(log: &std::path::Path) -> Vec<Call> {
    let bytes = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let (mut calls, mut open) = (Vec::new(), BTreeMap::new());
    for line in text.lines() {
        // Without `-f` a line begins with the call.
        let numbered = line.split_once(' ').and_then(|(thread, rest)| Some((thread.parse::<u32>().ok()?, rest.trim_start())));
        let (thread, rest) = numbered.unwrap_or((0, line));
        if let Some(begun) = rest.strip_suffix(" <unfinished ...>") {
            // A descriptor is free from the moment its close begins: another thread may get its number before the close has ended.
            if let Some(number) = begun.strip_prefix("close(") {
                let arguments = number.trim_end_matches(')').to_owned();
                calls.push(Call { thread, name: "close".to_owned(), arguments, result: 0 });
            } else {
                open.insert(thread, begun.to_owned());
            }
            continue;
        }
        let whole = match rest.strip_prefix("<... ") {
            Some(resumed) => {
                let Some((_, end)) = resumed.split_once(" resumed>") else { continue };
                let Some(begun) = open.remove(&thread) else { continue };
                begun + end
            }
            None => rest.to_owned(),
        };
        let Some((name, rest)) = whole.split_once('(') else { continue };
        let Some((arguments, result)) = rest.rsplit_once(" = ") else { continue };
        let result = result.split(|c: char| c != '-' && !c.is_ascii_digit()).next().and_then(|number| number.parse().ok()).unwrap_or(-1);
        let arguments = arguments.trim_end().trim_end_matches(')').to_owned();
        calls.push(Call { thread, name: name.to_owned(), arguments, result });
    }
    calls
}

impl Call {
    /// The arguments, split at commas outside of strings, angle brackets and braces.
    pub fn split(&self) -> Vec<&str> {
        let (mut parts, mut start, mut depth, mut quoted) = (Vec::new(), 0, 0_i32, false);
        for (at, c) in self.arguments.char_indices() {
            match c {
                '"' => quoted = !quoted,
                '<' | '{' | '[' if !quoted => depth += 1,
                '>' | '}' | ']' if !quoted => depth -= 1,
                ',' if !quoted && depth == 0 => {
                    parts.push(self.arguments[start..at].trim());
                    start = at + 1;
                }
                _ => {}
            }
        }
        parts.push(self.arguments[start..].trim());
        parts
    }
}

/// The bytes of a string that `strace -xx` printed in full.
pub fn unhex(quoted: &str) -> Vec<u8> {
    assert!(quoted.starts_with('"') && quoted.ends_with('"'), "a whole string: {}", &quoted[..quoted.len().min(80)]);
    let digits = quoted.trim_matches('"').split("\\x").skip(1);
    digits.map(|two| u8::from_str_radix(two, 16).expect("two hexadecimal digits")).collect()
}
