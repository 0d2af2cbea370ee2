//! What a database must prove before anything is told to it.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};

use globecart_rotation::testing::{Authority, Memory};
use globecart_rotation::{Error, Kind, Network, Rotation, Step, Strategy};
use tokio_postgres::NoTls;
use tokio_postgres::error::SqlState;

use crate::stage::Stage;

/// setSecret for a pending version, by another network.
async fn set(stage: &Stage, network: Network) -> Error {
    let rotation: Rotation<Memory> =
        Rotation::new(stage.target.clone(), stage.secrets.clone(), network);
    let answer = Box::pin(rotation.invoke(&stage.event(Step::Set, "v2"))).await;
    answer.unwrap_err()
}

fn network(authority: &str, address: SocketAddr) -> Network {
    Network::for_test(authority.as_bytes(), address).unwrap()
}

#[track_caller]
fn check(error: &Error, expected: &str) {
    assert_eq!(error.kind(), Kind::Certificate, "{error}");
    assert!(error.to_string().contains(expected), "{error}");
    assert!(error.help().contains("nothing was sent to it"), "{error}");
}

#[tokio::test]
async fn a_certificate_by_another_authority_is_refused() {
    let Some(stage) = Stage::set(Strategy::AlternatingUsers).await else { return };
    stage.create("v2").await;
    let other = network(&Authority::new().unwrap().pem(), stage.server.address());
    check(&set(&stage, other).await, "invalid peer certificate");
    let of_rds = Network::of_region("us-east-1").unwrap();
    // The name does not resolve, so that nothing is reached at all.
    assert_eq!(set(&stage, of_rds).await.kind(), Kind::Unreachable);
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let Some(stage) = Stage::set(Strategy::AlternatingUsers).await else { return };
    let mut stage = stage;
    stage.target.host = "reader.example.test".to_owned();
    let value = stage.secrets.value(&stage.secret, "AWSCURRENT").unwrap();
    let value = value.replace(crate::stage::HOST, &stage.target.host);
    stage.secrets.create(&stage.secret, "v1", &value);
    stage.create("v2").await;
    check(&set(&stage, stage.server.network()).await, "not valid for name");
}

/// A server without TLS gets the question whether it has it, and nothing else.
#[tokio::test]
async fn a_server_without_tls_is_told_nothing() {
    let Some(stage) = Stage::set(Strategy::AlternatingUsers).await else { return };
    stage.create("v2").await;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 8];
        stream.read_exact(&mut request).unwrap();
        stream.write_all(b"N").unwrap();
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).unwrap();
        (request, rest)
    });
    check(&set(&stage, network(&stage.server.authority().pem(), address)).await, "TLS");
    let (request, rest) = server.join().unwrap();
    assert_eq!(request, [0, 0, 0, 8, 4, 210, 22, 47], "an SSLRequest");
    assert_eq!(rest, b"");
}

#[tokio::test]
async fn the_server_of_these_tests_takes_no_login_without_tls() {
    let Some(stage) = Stage::set(Strategy::SingleUser).await else { return };
    let address = stage.server.address();
    let mut config = tokio_postgres::Config::new();
    config.hostaddr(address.ip()).port(address.port()).user("postgres").dbname("postgres");
    config.password(stage.server.password());
    let error = config.connect(NoTls).await.err().unwrap();
    assert_eq!(error.code().map(SqlState::code), Some("28000"), "{error:?}");
}
