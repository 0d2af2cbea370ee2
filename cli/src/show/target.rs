//! Where a command works.

use globecart_aws::Aws;

use crate::page::{Page, Style};
use crate::session::Place;

/// Shows account, region, identity and endpoint; on the embedded AWS, that it is no real one.
pub(crate) fn target(page: &mut Page, aws: &Aws, place: &Place) {
    let at = aws.place();
    match place {
        Place::Embedded => {
            page.put(Style::Strong, "On the embedded AWS").plain(format_args!(
                " (inside this program, account {}, {}): nothing real is touched",
                at.account, at.region
            ));
            page.end();
        }
        Place::Served(address) => {
            page.put(Style::Strong, "On the embedded AWS").plain(format_args!(
                " (served at http://{address}, account {}, {}): nothing real is touched",
                at.account, at.region
            ));
            page.end();
        }
        Place::Aws => {
            page.put(Style::Strong, "On AWS").end();
            page.line(format_args!("  account   {}", at.account));
            page.line(format_args!("  region    {}", at.region));
            page.line(format_args!("  identity  {}", aws.identity()));
            page.line(format_args!("  endpoint  {}", aws.endpoint().unwrap_or("AWS's own")));
        }
    }
}
