//! What every command works with.

use std::path::PathBuf;

use globecart_aws::{Stack, recover};
use globecart_engine::apply::Report;
use globecart_engine::plan::{Plan, Scope};
use globecart_engine::store::{Directory, Store};
use globecart_engine::{Event, Events, Invalid, Stamped};
use globecart_local_aws::Cloud;
use jiff::Timestamp;
use tokio::sync::OnceCell;

use crate::args::{Args, Target};
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::page::Style;
use crate::postgres;
use crate::screen::Screen;
use crate::session::{Place, Session};
use crate::settings::Settings;
use crate::show;

/// The type of what has passwords rotated.
const ROTATION: &str = "secretsmanager:RotationSchedule";

/// The version of the events' form.
const EVENTS: u32 = 1;

/// One command, its arguments, and where it talks.
pub(crate) struct Job<'a> {
    pub(crate) name: &'a str,
    pub(crate) args: &'a Args,
    pub(crate) settings: &'a Settings,
    pub(crate) screen: Screen,
    pub(crate) interrupt: Interrupt,
    /// Declares the user's stack.
    pub(crate) define: &'a dyn Fn(&mut Stack) -> Result<(), Invalid>,
    /// Has its hand on the embedded AWS before anybody else.
    pub(crate) prepare: &'a dyn Fn(&Cloud),
    /// The program as the user calls it, and with the arguments that say where and what.
    pub(crate) bare: &'a str,
    pub(crate) program: &'a str,
    pub(crate) session: OnceCell<Session>,
}

impl Job<'_> {
    /// Opens the cloud, says which one it is, and refuses an account that is not expected.
    pub(crate) async fn connect(&self) -> Result<&Session, Failure> {
        // Opening a session sets up a client for every service: far too much for the stack.
        let open =
            self.interrupt.or(Box::pin(Session::open(self.args, self.settings, self.prepare)));
        let session = self.session.get_or_try_init(|| open).await?;
        let (aws, place) = (&session.aws, &session.place);
        match self.args.target {
            Target::Aws if !self.screen.is_json() => {
                self.screen.must_say(|page| show::target::target(page, aws, place));
            }
            _ => self.screen.say(|page| show::target::target(page, aws, place)),
        }
        let account = &aws.place().account;
        match self.args.expect_account.as_ref().filter(|expected| *expected != account) {
            None => Ok(session),
            Some(expected) => Err(Failure::Usage {
                problem: format!("this is account {account}, and --expect-account says {expected}"),
                help: "use the credentials of the expected account; nothing was changed".to_owned(),
            }),
        }
    }

    /// The user's stack, declared.
    pub(crate) fn declare(&self, session: &Session) -> Result<Stack, Failure> {
        let mut stack = Stack::new(self.name, session.aws.place().clone())?;
        (self.define)(&mut stack)?;
        Ok(stack)
    }

    /// The user's stack, with what it leaves open settled for the cloud that it is to be planned for.
    pub(crate) fn settle(&self, session: &Session) -> Result<Stack, Failure> {
        let mut stack = self.declare(session)?;
        stack.settle(&session.aws)?;
        let rotates = stack.kinds().any(|kind| kind == ROTATION);
        if rotates && session.place == Place::Embedded && postgres::named()?.is_none() {
            stack.notice(format!(
                "databases of the embedded AWS are records, so rotating their users fails: name a PostgreSQL in {}",
                postgres::URL
            ));
        }
        Ok(stack)
    }

    /// Where the state is.
    pub(crate) fn stack_folder(&self) -> PathBuf {
        self.args.state.join("stack")
    }

    /// Opens the state for this run alone, and records what became of an interrupted run.
    pub(crate) async fn store(&self, session: &Session, stack: &Stack) -> Result<Store, Failure> {
        crate::session::make_state_folder(&self.args.state)?;
        let mut store = Store::open(Directory::open(self.stack_folder())?, stack).await?;
        let events = self.events(session);
        let found = recover(&session.aws, stack, store.state(), &session.clock, &events);
        let records = self.interrupt.or(found).await?;
        store.record(&records).await?;
        Ok(store)
    }

    /// Which part of the stack the command is about.
    pub(crate) fn scope(&self) -> Scope {
        Scope { only: self.args.only.clone() }
    }

    /// Takes events outside of an apply.
    pub(crate) fn events(&self, session: &Session) -> Events {
        let (screen, clock) = (self.screen, session.clock);
        Events::new(move |event| match (&event, screen.is_json()) {
            (_, true) => screen.json(&Stamped { v: EVENTS, time: clock.now(), event }),
            (Event::Recovering { address }, _) => screen.say(|page| {
                page.line(format_args!(
                    "looking for what an interrupted run may have made of {address}"
                ));
            }),
            (Event::Recovered { address, found: true }, _) => screen.say(|page| {
                page.put(Style::Good, "found ").plain(format_args!("{address}; it is kept")).end();
            }),
            (Event::Notice { text }, _) => screen.say(|page| {
                page.line(text);
            }),
            _ => {}
        })
    }

    /// Passes a plan on as events.
    pub(crate) fn planned(&self, session: &Session, plan: &Plan) {
        let events = self.events(session);
        let doing = plan.steps.iter().filter(|step| !step.is_nothing());
        doing.for_each(|step| events.send(Event::Planned(Box::new(step.clone()))));
        plan.notices.iter().for_each(|text| events.send(Event::Notice { text: text.clone() }));
        events.send(Event::Estimated(plan.estimate.clone()));
    }

    /// Prints the last event.
    pub(crate) fn finished(&self, outcome: &str, report: &Report) {
        if !self.screen.is_json() {
            return;
        }
        let session = self.session.get();
        let event = Event::Finished {
            outcome: outcome.to_owned(),
            created: report.created,
            updated: report.updated,
            replaced: report.replaced,
            deleted: report.deleted,
            unchanged: report.unchanged,
            failed: report.failed.len() + report.skipped.len(),
            calls: session.map_or(0, |session| session.aws.calls()),
            seconds: session.map_or(0.0, |session| session.clock.elapsed().as_secs_f64()),
        };
        let time = session.map_or_else(Timestamp::now, |session| session.clock.now());
        self.screen.json(&Stamped { v: EVENTS, time, event });
    }
}
