//! `bangtin serve`: a store over HTTP for players.
//! Never answers a request: `store::serve` does.

use std::net::SocketAddr;
use std::path::PathBuf;

use crate::base::failure::Failure;
use crate::base::http_service;
use crate::office::args;
use crate::office::context::Context;
use crate::store::serve;

#[allow(missing_docs, reason = "it would be shown as the description of the command, which `Command` gives")]
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Folder of the store | Thư mục kho
    #[arg(long, value_name = "DIR")]
    store: PathBuf,
    /// Address to listen on | Địa chỉ lắng nghe
    #[arg(long, value_name = "ADDR", value_parser = args::parse_address, default_value = "127.0.0.1:8378")]
    listen: SocketAddr,
}

/// Runs the command until it is ended.
pub fn run(args: Args, context: &Context) -> Result<(), Failure> {
    let service = serve::start(&context.cwd.join(&args.store), args.listen)?;
    serve::end_when_asked()?;
    crate::outln!("http://{}/", service.address());
    http_service::forever()
}
