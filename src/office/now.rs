//! The moment that a command takes as now, and moments on its command line.
//! Never judges whether the clock of the machine is right.

use crate::base::clock::present;
use crate::base::failure::Failure;
use crate::base::times::Timestamp;
use crate::base::zone::TimeZone;
use crate::content::plan::moment;

// The moment that goes into signed documents.
#[allow(missing_docs, reason = "it would be shown as the description of the command")]
#[derive(clap::Args, Clone, Debug, Default)]
pub struct NowArgs {
    /// Sign as if at this moment; for rehearsals | Ký như thể vào lúc này; để diễn tập
    #[arg(long = "now", value_name = "TIME", hide = true)]
    text: Option<String>,
}

impl NowArgs {
    /// The moment given, else the machine's time.
    pub fn instant(&self, zone: TimeZone) -> Result<Timestamp, Failure> {
        match &self.text {
            Some(text) => moment::parse(text, zone, present()),
            None => Ok(present()),
        }
    }
}
