//! Serves an empty cloud, whose functions run, until it is interrupted: `cargo run -p globecart-local-aws --example serve -- PORT [RATE] [FOLDER]`.

use globecart_local_aws::{Cloud, Opened, Options, serve};
use std::error::Error;
use std::path::Path;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let port = arguments.next().map_or(Ok(4566), |port| port.parse())?;
    let rate = arguments.next().map_or(Ok(1.0), |rate| rate.parse())?;
    let options = Options { rate, functions: true, ..Options::default() };
    let cloud = match arguments.next() {
        None => Cloud::in_memory(options),
        Some(folder) => match Cloud::open(Path::new(&folder), options)? {
            Opened::Owned(cloud) => cloud,
            Opened::Served(address) => return Err(format!("already served at {address}").into()),
        },
    };
    let server = serve(cloud, port).await?;
    #[expect(clippy::print_stdout, reason = "the example's one line of output")]
    {
        println!("listening on http://{}", server.address());
    }
    server.run_until(async { drop(tokio::signal::ctrl_c().await) }).await?;
    Ok(())
}
