//! A real PostgreSQL, from the binaries that the system has, for the time of a test.

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use secrecy::ExposeSecret;
use tempfile::TempDir;
use tokio_postgres::config::SslMode;
use tokio_postgres::{Client, Config};

use super::Authority;
use crate::password::generate;
use crate::tls::Network;

/// Set to anything, PostgreSQL must be there; set to a folder, its programs are taken from that one.
const VARIABLE: &str = "GLOBECART_TEST_POSTGRES";

/// Where a system keeps the programs of PostgreSQL.
#[derive(Debug, Clone)]
pub struct Installation {
    programs: PathBuf,
}

impl Installation {
    /// Looks where Debian and other systems put them, then in `PATH`; the newest version first.
    ///
    /// # Panics
    ///
    /// If there is none though `GLOBECART_TEST_POSTGRES` is set, by which `cargo xtask test` makes sure that nothing is
    /// left out.
    pub fn find() -> Option<Self> {
        let wanted = variable(VARIABLE);
        let named = wanted.as_ref().map(PathBuf::from).into_iter();
        let mut versions: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
            .into_iter()
            .flatten()
            .filter_map(|version| Some(version.ok()?.path().join("bin")))
            .collect();
        versions.sort_by_key(|folder| std::cmp::Reverse(number(folder)));
        let path = variable("PATH").unwrap_or_default();
        let path = std::env::split_paths(&path).collect::<Vec<_>>();
        let all = named.chain(versions).chain(path);
        let found = all.into_iter().find(|folder| {
            ["postgres", "initdb", "pg_ctl"].iter().all(|program| folder.join(program).is_file())
        });
        assert!(
            found.is_some() || wanted.is_none(),
            "{VARIABLE} is set, and there is no PostgreSQL: install it (Debian and Ubuntu: \
             `apt-get install postgresql`), or unset the variable"
        );
        found.map(|programs| Self { programs })
    }

    /// Starts a server on a free port of this machine, with a certificate for the names.
    ///
    /// It takes nothing but TLS and SCRAM-SHA-256, and logs every statement.
    pub fn start(&self, names: &[&str]) -> io::Result<Postgres> {
        let account = Account::find()?;
        let folder = account.folder()?;
        let password = generate().map_err(io::Error::other)?.expose_secret().to_owned();
        let authority = Authority::new().map_err(io::Error::other)?;
        let (certificate, key) = authority.sign(names).map_err(io::Error::other)?;
        let write = |name: &str, text: &str| account.write(&folder.path().join(name), text);
        write("certificate.pem", &certificate)?;
        write("key.pem", &key)?;
        write("password", &password)?;
        self.initialise(&account, folder.path())?;
        let data = folder.path().join("data");
        let only_tls = "hostssl all all 127.0.0.1/32 scram-sha-256\n";
        account.write(&data.join("pg_hba.conf"), only_tls)?;
        let (child, address, log) = self.serve(&account, folder.path())?;
        Ok(Postgres {
            installation: self.clone(),
            account,
            address,
            name: names[0].to_owned(),
            authority,
            password,
            log,
            child,
            folder,
        })
    }

    fn initialise(&self, account: &Account, folder: &Path) -> io::Result<()> {
        let mut initdb = account.command(&self.programs.join("initdb"), folder);
        initdb.args(["-D", "data", "-U", Postgres::SUPERUSER, "--pwfile=password", "--no-sync"]);
        initdb.args(["-A", "scram-sha-256", "-E", "UTF8", "--locale=C"]);
        let output = initdb.output()?;
        if output.status.success() {
            return Ok(());
        }
        Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()))
    }

    /// Tries another port if somebody else took the first one meanwhile.
    fn serve(&self, account: &Account, folder: &Path) -> io::Result<(Child, SocketAddr, Log)> {
        let mut last = String::new();
        for _ in 0..5 {
            let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
            let mut server = account.command(&self.programs.join("postgres"), folder);
            server.args(["-D", "data", "-p", &address.port().to_string()]);
            for setting in SETTINGS {
                server.args(["-c", setting]);
            }
            let mut child = server.stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
            let Some(stderr) = child.stderr.take() else { continue };
            let log = Log::default();
            if log.follow(stderr).recv().is_ok() {
                return Ok((child, address, log));
            }
            child.wait()?;
            last = log.text();
        }
        Err(io::Error::other(last))
    }
}

const SETTINGS: [&str; 10] = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "ssl=on",
    "ssl_cert_file=../certificate.pem",
    "ssl_key_file=../key.pem",
    "log_statement=all",
    "log_min_messages=info",
    "fsync=off",
    "max_connections=300",
    "shared_buffers=16MB",
];

/// `/usr/lib/postgresql/15/bin` is 15.
fn number(programs: &Path) -> u32 {
    let version = programs.parent().and_then(Path::file_name).and_then(|name| name.to_str());
    version.and_then(|version| version.parse().ok()).unwrap_or(0)
}

/// A running server. It ends, and its data with it, when it is dropped.
pub struct Postgres {
    installation: Installation,
    account: Account,
    address: SocketAddr,
    name: String,
    authority: Authority,
    password: String,
    log: Log,
    child: Child,
    folder: TempDir,
}

impl Postgres {
    /// The name of the role that may do everything.
    pub const SUPERUSER: &str = "postgres";

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What its certificate is by.
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// The superuser's password.
    pub fn password(&self) -> &str {
        &self.password
    }

    /// What it has logged so far, every statement among it.
    pub fn log(&self) -> String {
        self.log.text()
    }

    /// The same, at least up to that text, for which it waits.
    ///
    /// # Panics
    ///
    /// If the text does not come within a minute.
    pub fn log_until(&self, text: &str) -> String {
        self.log.until(text)
    }

    /// Ends all sessions and starts it again, on another port: as the writer that it was, or as a reader, as a name of Aurora's
    /// may lead to one after a failover.
    pub fn restart(&mut self, as_reader: bool) -> io::Result<()> {
        self.stop("fast");
        let signal = self.folder.path().join("data/standby.signal");
        if as_reader {
            self.account.write(&signal, "")?;
        } else if signal.exists() {
            fs::remove_file(&signal)?;
        }
        let served = self.installation.serve(&self.account, self.folder.path())?;
        (self.child, self.address, self.log) = served;
        Ok(())
    }

    fn stop(&mut self, mode: &str) {
        let pg_ctl = self.installation.programs.join("pg_ctl");
        let mut stop = self.account.command(&pg_ctl, self.folder.path());
        let stopped = stop.args(["-D", "data", "-m", mode, "-s", "stop"]).status();
        if !stopped.is_ok_and(|status| status.success()) {
            // Its data goes with the folder.
            self.child.kill().ok();
        }
        self.child.wait().ok();
    }

    /// The way to it for a rotation.
    pub fn network(&self) -> Network {
        let network = Network::for_test(self.authority.pem().as_bytes(), self.address);
        network.expect("the authority's own certificate can be read")
    }

    /// Logs in, by TLS.
    pub async fn connect(
        &self,
        user: &str,
        password: &str,
        database: &str,
    ) -> Result<Client, tokio_postgres::Error> {
        let mut config = Config::new();
        config.user(user).password(password).dbname(database).ssl_mode(SslMode::Require);
        config.host(&self.name).hostaddr(self.address.ip()).port(self.address.port());
        let (client, connection) = config.connect(self.network().tls).await?;
        tokio::spawn(connection);
        Ok(client)
    }

    /// A session of the superuser.
    pub async fn superuser(&self, database: &str) -> Result<Client, tokio_postgres::Error> {
        self.connect(Self::SUPERUSER, &self.password, database).await
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.stop("immediate");
    }
}

/// PostgreSQL does not run as root: then it runs as `postgres`, or as `nobody`.
struct Account {
    other: Option<(u32, u32)>,
}

impl Account {
    fn find() -> io::Result<Self> {
        let own = tempfile::tempfile()?.metadata()?.uid();
        if own != 0 {
            return Ok(Self { other: None });
        }
        let accounts = fs::read_to_string("/etc/passwd")?;
        let of = |name: &str| {
            let line = accounts.lines().find(|line| line.split(':').next() == Some(name))?;
            let mut fields = line.split(':').skip(2);
            Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
        };
        Ok(Self { other: Some(of("postgres").or_else(|| of("nobody")).unwrap_or((65534, 65534))) })
    }

    fn folder(&self) -> io::Result<TempDir> {
        let folder = tempfile::Builder::new().prefix("globecart-postgres-").tempdir()?;
        self.give(folder.path())?;
        Ok(folder)
    }

    fn write(&self, path: &Path, text: &str) -> io::Result<()> {
        fs::write(path, text)?;
        // PostgreSQL takes a key only if nobody else can read it.
        fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
        self.give(path)
    }

    fn give(&self, path: &Path) -> io::Result<()> {
        match self.other {
            Some((user, group)) => chown(path, Some(user), Some(group)),
            None => Ok(()),
        }
    }

    fn command(&self, program: &Path, folder: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(folder).env("LC_ALL", "C");
        if let Some((user, group)) = self.other {
            command.uid(user).gid(group);
        }
        command
    }
}

/// What a server writes.
#[derive(Clone, Default)]
struct Log(Arc<(Mutex<String>, Condvar)>);

impl Log {
    fn text(&self) -> String {
        self.0.0.lock().expect("nothing fails with it").clone()
    }

    fn until(&self, text: &str) -> String {
        let (log, grown) = &*self.0;
        let log = log.lock().expect("nothing fails with it");
        let (minute, lacks) = (Duration::from_mins(1), |log: &mut String| !log.contains(text));
        let (log, waited) =
            grown.wait_timeout_while(log, minute, lacks).expect("nothing fails with it");
        assert!(!waited.timed_out(), "PostgreSQL has not logged {text:?}");
        log.clone()
    }

    /// Reads to the end, on a thread of its own; tells when the server takes connections, or hangs up.
    fn follow(&self, stderr: ChildStderr) -> Receiver<()> {
        let (ready, wait) = sync_channel(1);
        let log = self.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).split(b'\n').map_while(Result::ok) {
                let line = String::from_utf8_lossy(&line);
                if line.contains("database system is ready to accept") {
                    ready.try_send(()).ok();
                }
                let (text, grown) = &*log.0;
                let mut text = text.lock().expect("nothing fails with it");
                text.push_str(&line);
                text.push('\n');
                grown.notify_all();
            }
        });
        wait
    }
}

#[expect(clippy::disallowed_methods, reason = "how tests are told where PostgreSQL is")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
