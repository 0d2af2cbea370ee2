//! A PostgreSQL with TLS, as an unprivileged user, from what the system offers.

use super::super::Postgres;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// Who a server runs as where the test runs as root.
const NOBODY: u32 = 65534;

pub(super) struct Server {
    pub(super) url: String,
    folder: TempDir,
    child: Child,
}

/// The newest binaries that are installed.
fn binaries() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?.filter_map(Result::ok);
    let found = versions
        .map(|version| version.path().join("bin"))
        .filter(|bin| bin.join("initdb").exists());
    found.max()
}

fn as_nobody(folder: &Path, program: &Path) -> Command {
    let mut command = Command::new(program);
    if fs::metadata(folder).unwrap().uid() == NOBODY {
        command.uid(NOBODY).gid(NOBODY);
    }
    command.env_clear().current_dir(folder).stdin(Stdio::null());
    command
}

impl Server {
    /// None where the machine has no PostgreSQL.
    pub(super) fn start() -> Option<Self> {
        let binaries = binaries()?;
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path();
        fs::set_permissions(place, fs::Permissions::from_mode(0o755)).unwrap();
        fs::write(place.join("password"), "boss\n").unwrap();
        certificates(place);
        if fs::metadata(place).unwrap().uid() == 0 {
            for path in [place.to_owned(), place.join("key.pem"), place.join("password")] {
                chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
            }
        }
        let data = place.join("data");
        let made = as_nobody(place, &binaries.join("initdb"))
            .args([
                "-A",
                "scram-sha-256",
                "-U",
                "postgres",
                "--no-sync",
                "--no-locale",
                "-E",
                "UTF8",
                "--pwfile",
            ])
            .arg(place.join("password"))
            .arg("-D")
            .arg(&data)
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let hba =
            "hostssl all all 127.0.0.1/32 scram-sha-256\nhostssl all all ::1/128 scram-sha-256\n";
        fs::write(data.join("pg_hba.conf"), hba).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let log = fs::File::create(place.join("log")).unwrap();
        let settings = [
            "listen_addresses=127.0.0.1".to_owned(),
            format!("port={port}"),
            format!("unix_socket_directories={}", place.display()),
            "ssl=on".to_owned(),
            format!("ssl_cert_file={}", place.join("cert.pem").display()),
            format!("ssl_key_file={}", place.join("key.pem").display()),
            "fsync=off".to_owned(),
            "log_statement=all".to_owned(),
        ];
        let mut command = as_nobody(place, &binaries.join("postgres"));
        command.arg("-D").arg(&data).stdout(Stdio::null()).stderr(log);
        for setting in settings {
            command.args(["-c", &setting]);
        }
        let child = command.spawn().unwrap();
        let root = place.join("ca.pem");
        let url = format!(
            "postgres://postgres:boss@localhost:{port}/postgres?sslmode=verify-full&sslrootcert={}",
            root.display()
        );
        let server = Self { url, folder, child };
        server.wait();
        Some(server)
    }

    fn wait(&self) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let postgres = Postgres::parse(&self.url).unwrap();
        let ready = runtime.block_on(async {
            for _ in 0..300 {
                if postgres.session(None).await.is_ok() {
                    return true;
                }
                let _ = tokio::time::timeout(
                    std::time::Duration::from_millis(100),
                    std::future::pending::<()>(),
                )
                .await;
            }
            false
        });
        assert!(ready, "{}", self.log());
    }

    /// The databases and login roles that are not the server's own.
    pub(super) fn names(&self, runtime: &Runtime) -> String {
        const SQL: &str = "SELECT string_agg(name, ',') FROM (SELECT datname::text AS name FROM pg_database WHERE NOT datistemplate
            UNION SELECT rolname::text FROM pg_roles WHERE rolcanlogin) AS all_of_them";
        let postgres = Postgres::parse(&self.url).unwrap();
        runtime.block_on(async {
            let session = postgres.session(None).await.unwrap();
            session.query_one(SQL, &[]).await.unwrap().get(0)
        })
    }

    pub(super) fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

/// What the client that comes with PostgreSQL says of who it is.
pub(super) fn psql(connection: &str) -> String {
    let psql = binaries().unwrap().join("psql");
    let said =
        Command::new(psql).args(["-XAtc", "SELECT current_user", connection]).output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    String::from_utf8_lossy(&said.stdout).into_owned()
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn certificates(folder: &Path) {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority_key = KeyPair::generate().unwrap();
    fs::write(folder.join("ca.pem"), authority.self_signed(&authority_key).unwrap().pem()).unwrap();
    let issuer = Issuer::new(authority, authority_key);
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    fs::write(folder.join("cert.pem"), leaf.signed_by(&key, &issuer).unwrap().pem()).unwrap();
    fs::write(folder.join("key.pem"), key.serialize_pem()).unwrap();
    fs::set_permissions(folder.join("key.pem"), fs::Permissions::from_mode(0o600)).unwrap();
}
