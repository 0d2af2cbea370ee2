//! Databases on a PostgreSQL that the test starts, where the machine has one.

mod server;

use self::server::{Server, psql};
use super::{BadPostgres, EmbeddedDatabase, Postgres};
use crate::fields::Fields;
use crate::options::Options;
use crate::testing::live::Live;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_postgres::config::SslMode;
use tokio_postgres::{Client, NoTls};

/// A cluster `data` with a database `shop`, and who can log in.
struct Cluster {
    live: Live,
    known: EmbeddedDatabase,
    endpoint: String,
    secret: String,
}

fn cluster(server: &Server) -> Cluster {
    let postgres = Postgres::parse(&server.url).unwrap();
    let options = Options { postgres: Some(postgres), functions: true, ..Options::default() };
    let live = Live::new(options);
    let vpc = live.ok("ec2", "CreateVpc", json!({"CidrBlock": "10.0.0.0/16"}));
    let vpc = vpc["Vpc"]["VpcId"].clone();
    let subnets: Vec<Value> = ["a", "b"]
        .iter()
        .enumerate()
        .map(|(at, zone)| {
            let input = json!({"VpcId": vpc, "CidrBlock": format!("10.0.{at}.0/24"), "AvailabilityZone": format!("us-east-1{zone}")});
            live.ok("ec2", "CreateSubnet", input)["Subnet"]["SubnetId"].clone()
        })
        .collect();
    let group = json!({"DBSubnetGroupName": "data", "DBSubnetGroupDescription": "data", "SubnetIds": subnets});
    live.ok("rds", "CreateDBSubnetGroup", group);
    make(&live, "data");
    let found = live.ok("rds", "DescribeDBClusters", json!({"DBClusterIdentifier": "data"}));
    let found = &found["DBClusters"][0];
    let known = live.runtime.block_on(live.cloud.database()).unwrap().unwrap();
    Cluster {
        known,
        endpoint: found.text("Endpoint").to_owned(),
        secret: found["MasterUserSecret"].text("SecretArn").to_owned(),
        live,
    }
}

fn make(live: &Live, id: &str) {
    let input = json!({
        "DBClusterIdentifier": id, "Engine": "aurora-postgresql", "MasterUsername": "keeper", "ManageMasterUserPassword": true,
        "DatabaseName": "shop", "DBSubnetGroupName": "data",
    });
    live.ok("rds", "CreateDBCluster", input);
    live.until(|| {
        let found = live.ok("rds", "DescribeDBClusters", json!({"DBClusterIdentifier": id}));
        found["DBClusters"][0]["Status"] == "available"
    });
}

impl Cluster {
    fn password(&self) -> String {
        let value =
            self.live.ok("secretsmanager", "GetSecretValue", json!({"SecretId": self.secret}));
        let value: Value = serde_json::from_str(value.text("SecretString")).unwrap();
        value.text("password").to_owned()
    }

    fn login(&self, name: &str, password: &str) -> Result<Client, String> {
        self.live.runtime.block_on(login(&self.known, name, password))
    }

    fn ask(&self, client: &Client, sql: &str) -> String {
        let rows = self.live.runtime.block_on(client.simple_query(sql)).unwrap();
        let texts = rows.iter().filter_map(|message| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        });
        texts.collect::<Vec<String>>().join(",")
    }
}

async fn login(known: &EmbeddedDatabase, name: &str, password: &str) -> Result<Client, String> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(&known.authority).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap();
    let config = Arc::new(config.with_root_certificates(roots).with_no_client_auth());
    let mut stream = TcpStream::connect(known.address).await.unwrap();
    stream.write_all(&super::server::SSL_REQUEST).await.unwrap();
    let mut answer = [0];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, *b"S");
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let connecting = tokio_rustls::TlsConnector::from(config).connect(name, stream);
    let silent = |_| "silent".to_owned();
    let stream = tokio::time::timeout(std::time::Duration::from_secs(2), connecting)
        .await
        .map_err(silent)?;
    let stream = stream.map_err(|error| error.to_string())?;
    let mut config = tokio_postgres::Config::new();
    config.user("keeper").password(password).dbname("shop").ssl_mode(SslMode::Disable);
    let (client, connection) = config.connect_raw(stream, NoTls).await.map_err(|error| {
        error.as_db_error().map_or_else(|| error.to_string(), |said| said.message().to_owned())
    })?;
    tokio::spawn(async { _ = connection.await });
    Ok(client)
}

#[test]
fn a_cluster_has_its_database_and_its_master_user_for_as_long_as_it_is_there() {
    let Some(server) = Server::start() else { return };
    let cluster = cluster(&server);
    let old = cluster.password();
    let client = cluster.login(&cluster.endpoint, &old).unwrap();
    assert_eq!(
        cluster.ask(&client, "SELECT current_user || ' ' || current_database()"),
        "keeper shop"
    );
    let sql = "CREATE ROLE app LOGIN; CREATE TABLE t (a int); GRANT ALL ON t TO app; GRANT CONNECT ON DATABASE shop TO app";
    cluster.ask(&client, sql);
    assert!(cluster.login("other.example", &old).is_err());

    let rotate = json!({"DBClusterIdentifier": "data", "RotateMasterUserPassword": true, "ApplyImmediately": true});
    cluster.live.ok("rds", "ModifyDBCluster", rotate);
    let new = cluster.password();
    assert_ne!(new, old);
    cluster.login(&cluster.endpoint, &new).unwrap();
    let refused = cluster.login(&cluster.endpoint, &old).unwrap_err();
    assert!(refused.contains("password authentication failed"), "{refused}");

    cluster.live.ok(
        "rds",
        "DeleteDBCluster",
        json!({"DBClusterIdentifier": "data", "SkipFinalSnapshot": true}),
    );
    cluster.live.until(|| server.names(&cluster.live.runtime) == "postgres");
    cluster.live.end();
    assert!(!server.log().contains(&old) && !server.log().contains(&new));
}

#[test]
fn psql_logs_in_as_documented() {
    let Some(server) = Server::start() else { return };
    let cluster = cluster(&server);
    let said = psql(&format!(
        "host={} hostaddr={} port={} sslmode=verify-full sslrootcert={} channel_binding=disable user=keeper password={} dbname=shop",
        cluster.endpoint,
        cluster.known.address.ip(),
        cluster.known.address.port(),
        cluster.known.authority.display(),
        cluster.password().replace('\\', "\\\\").replace('\'', "\\'"),
    ));
    assert_eq!(said.trim(), "keeper");
    cluster.live.end();
}

#[test]
fn a_second_cluster_is_refused_by_name() {
    let Some(server) = Server::start() else { return };
    let cluster = cluster(&server);
    cluster.login(&cluster.endpoint, &cluster.password()).unwrap();
    make(&cluster.live, "more");
    let found =
        cluster.live.ok("rds", "DescribeDBClusters", json!({"DBClusterIdentifier": "more"}));
    let refused = cluster.login(found["DBClusters"][0].text("Endpoint"), "x").unwrap_err();
    assert!(refused.contains("stands in for the cluster arn:aws:rds:us-east-1"), "{refused}");
    cluster.login(&cluster.endpoint, &cluster.password()).unwrap();
    cluster.live.end();
}

/// Begins a TLS session with the host that the event names.
const CLIENT: &str = r#"#!/usr/bin/python3
import json, os, socket, ssl, urllib.request
api = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/invocation/"
while True:
    with urllib.request.urlopen(api + "next") as event:
        request, body = event.headers["Lambda-Runtime-Aws-Request-Id"], json.load(event)
    host, port = os.environ["GLOBECART_EMBEDDED_DATABASE_ADDRESS"].split(":")
    context = ssl.create_default_context(cafile=os.environ["GLOBECART_EMBEDDED_DATABASE_CA"])
    try:
        plain = socket.create_connection((host, int(port)), 3)
        plain.sendall(bytes([0, 0, 0, 8, 4, 210, 22, 47]))
        assert plain.recv(1) == b"S"
        said = context.wrap_socket(plain, server_hostname=body["host"]).version()
    except TimeoutError:
        said = "timed out"
    answer = urllib.request.Request(api + request + "/response", json.dumps(said).encode())
    urllib.request.urlopen(answer).read()
"#;

#[test]
fn a_function_reaches_a_database_only_if_its_security_groups_do() {
    let Some(server) = Server::start() else { return };
    if !std::path::Path::new("/usr/bin/python3").exists() {
        return;
    }
    let cluster = cluster(&server);
    let live = &cluster.live;
    let found = live.ok("ec2", "DescribeSubnets", json!({}));
    let subnet = &found["Subnets"][0];
    let group = |name: &str| {
        let input = json!({"GroupName": name, "Description": name, "VpcId": subnet["VpcId"]});
        live.ok("ec2", "CreateSecurityGroup", input)["GroupId"].clone()
    };
    let (client, store) = (group("client"), group("store"));
    let cluster_groups = json!({"DBClusterIdentifier": "data", "VpcSecurityGroupIds": [store], "ApplyImmediately": true});
    live.ok("rds", "ModifyDBCluster", cluster_groups);
    live.function(
        CLIENT,
        &json!({"VpcConfig": {"SubnetIds": [subnet["SubnetId"]], "SecurityGroupIds": [client]}}),
    );
    let event = json!({"host": cluster.endpoint});
    assert_eq!(live.invoke(event.clone()).0, "timed out");
    let port = json!({"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "UserIdGroupPairs": [{"GroupId": client}]});
    live.ok(
        "ec2",
        "AuthorizeSecurityGroupIngress",
        json!({"GroupId": store, "IpPermissions": [port]}),
    );
    assert_eq!(live.invoke(event).0, "TLSv1.3");
    cluster.live.end();
}

#[test]
fn a_url_says_whom_it_trusts_and_is_never_shown() {
    for (url, expected) in [
        ("postgres://u:p@db.example/x", Some(BadPostgres::Tls)),
        ("postgres://u:p@db.example/x?sslmode=disable", Some(BadPostgres::Tls)),
        ("postgres://u:p@db.example/x?sslmode=require", Some(BadPostgres::Tls)),
        (
            "postgres://u:p@db.example/x?sslmode=verify-full&sslrootcert=/none",
            Some(BadPostgres::RootCertificate),
        ),
        ("postgres://u:p@a,b/x?sslmode=disable", Some(BadPostgres::Malformed)),
        ("http://x", Some(BadPostgres::Malformed)),
        ("postgres://u:hidden@localhost/x?sslmode=disable", None),
        ("postgres://u:p@%2Ftmp/x", None),
    ] {
        let parsed = Postgres::parse(url);
        assert_eq!(parsed.as_ref().err(), expected.as_ref(), "{url}");
        assert!(!format!("{parsed:?}").contains("hidden"));
    }
}
