use std::collections::BTreeSet;
use std::fs;

use x509_cert::Certificate;
use x509_cert::der::Decode;

use super::*;
use crate::contract::{REGIONS, environment};

#[test]
fn every_region_has_its_file() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/data/rds-ca");
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name());
    let files: BTreeSet<String> =
        files.filter_map(|name| Some(name.to_str()?.strip_suffix(".pem")?.to_owned())).collect();
    assert_eq!(files, REGIONS.map(str::to_owned).into());
    assert_eq!(ROOTS.iter().map(|(region, _)| *region).collect::<Vec<_>>(), REGIONS);
}

/// Neither expired authorities nor those of another region or environment may be among them.
#[test]
fn each_region_trusts_its_three_roots_until_2061_or_later() {
    for (region, pem) in ROOTS {
        let roots = CertificateDer::pem_slice_iter(pem.as_bytes());
        let roots =
            roots.map(|root| Certificate::from_der(&root.unwrap()).unwrap().tbs_certificate);
        let mut keys = Vec::new();
        for root in roots {
            let subject = root.subject.to_string();
            assert_eq!(subject, root.issuer.to_string(), "a root signs itself");
            let name = subject.split(',').find_map(|part| part.strip_prefix("CN=")).unwrap();
            let rest = name.strip_prefix(&format!("Amazon RDS {region} Root CA ")).unwrap();
            keys.push(rest.to_owned());
            let from = root.validity.not_before.to_date_time();
            let until = root.validity.not_after.to_date_time();
            assert!((2021..=2022).contains(&from.year()), "{name} begins in {}", from.year());
            let last = if rest == "RSA2048 G1" { 2061 } else { 2121 };
            assert!((last..=last + 1).contains(&until.year()), "{name} ends in {}", until.year());
        }
        assert_eq!(keys, ["RSA2048 G1", "RSA4096 G1", "ECC384 G1"], "{region}");
        Network::of_region(region).unwrap();
    }
}

#[test]
fn a_region_without_authorities_is_refused() {
    let Err(error) = Network::of_region("xx-north-9") else { panic!("it has none") };
    assert_eq!(error.kind(), Kind::Configuration);
    assert!(error.to_string().contains("`xx-north-9`"), "{error}");
}

/// What sends a function elsewhere, with an authority of its own.
fn diverting(file: &str) -> impl Fn(&str) -> Option<String> {
    let file = file.to_owned();
    move |name| match name {
        environment::EMBEDDED_DATABASE_ADDRESS => Some("127.0.0.1:1".to_owned()),
        environment::EMBEDDED_DATABASE_CA => Some(file.clone()),
        _ => None,
    }
}

/// The `bootstrap` built for AWS does not even look at whether the file is there.
#[cfg(not(feature = "embedded"))]
#[test]
fn a_build_for_aws_cannot_be_diverted() {
    let network = Network::of_environment("us-east-1", diverting("/nowhere.pem")).unwrap();
    assert_eq!(network.address, None);
}

#[cfg(feature = "embedded")]
#[test]
fn a_build_for_the_embedded_aws_takes_address_and_authority_from_its_runtime() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    fs::write(&file, ROOTS[0].1).unwrap();
    let network = Network::of_environment("xx-north-9", diverting(file.to_str().unwrap())).unwrap();
    assert_eq!(network.address, Some("127.0.0.1:1".parse().unwrap()));

    fs::write(&file, "no certificate").unwrap();
    for file in [file.to_str().unwrap(), "/nowhere.pem"] {
        let network = Network::of_environment("us-east-1", diverting(file));
        assert_eq!(network.err().unwrap().kind(), Kind::Configuration);
    }
    // Without them it is like any other.
    assert!(Network::of_environment("us-east-1", |_| None).unwrap().address.is_none());
    assert!(Network::of_environment("xx-north-9", |_| None).is_err());
}
