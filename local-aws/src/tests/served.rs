//! The cloud over HTTP.

use crate::cloud::Cloud;
use crate::options::Options;
use crate::rules::{Action, Rule};
use crate::serve::serve;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

async fn ask(address: SocketAddr, host: &str) -> String {
    let body = "Action=DescribeVpcs";
    let request = format!(
        "POST / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {}\r\n\
         Authorization: AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/ec2/aws4_request\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn it_answers_loopback_hosts_alone_and_stops_when_told() {
    let cloud = Cloud::in_memory(Options { rate: 1000.0, ..Options::default() });
    let server = serve(cloud.clone(), 0).await.unwrap();
    let address = server.address();
    assert!(address.ip().is_loopback());
    let (stop, stopped) = oneshot::channel::<()>();
    let running = tokio::spawn(server.run_until(async { drop(stopped.await) }));
    for host in ["localhost", "127.0.0.1:4566", "[::1]:80", "bucket.localhost"] {
        assert!(ask(address, host).await.starts_with("HTTP/1.1 200"), "{host}");
    }
    for host in ["example.com", "localhost.example.com", "192.0.2.1", ""] {
        assert!(ask(address, host).await.starts_with("HTTP/1.1 403"), "{host}");
    }
    cloud.add_rule(Rule::new(Action::LoseBefore));
    assert_eq!(ask(address, "localhost").await, "", "a lost connection has no answer");
    stop.send(()).unwrap();
    running.await.unwrap().unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}
