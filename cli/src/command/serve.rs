//! `serve`: the embedded AWS over HTTP, for other processes.

use globecart_local_aws::{Opened, serve as listen};

use crate::failure::Failure;
use crate::job::Job;
use crate::page::Style;
use crate::session::open_cloud;

pub(super) async fn serve(job: &Job<'_>, port: u16) -> Result<u8, Failure> {
    let cloud = match open_cloud(job.args, job.prepare)? {
        Opened::Owned(cloud) => cloud,
        Opened::Served(address) => {
            return Err(Failure::Usage {
                problem: format!("this embedded AWS is served already, at http://{address}"),
                help: "use that address, or another `--state` folder".to_owned(),
            });
        }
    };
    let failed =
        |source| Failure::Io { doing: format!("serve the embedded AWS on port {port}"), source };
    let speed = cloud.rate();
    let server = listen(cloud, port).await.map_err(failed)?;
    let url = format!("http://{}", server.address());
    job.screen.say(|page| {
        page.put(Style::Strong, "The embedded AWS").plain(format_args!(
            " from {}, {speed} times as fast as AWS; any credentials, any region. Stop it with Ctrl-C.",
            job.args.state.join("cloud").display()
        ));
        page.end();
    });
    job.screen.result(|page| _ = page.line(format_args!("listening on {url}")));
    if job.screen.is_json() {
        job.screen.json(&serde_json::json!({ "listening": url }));
    }
    server.run_until(job.interrupt.wait()).await.map_err(failed)?;
    Ok(0)
}
