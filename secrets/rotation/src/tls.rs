//! How the database proves who it is: always, and in full.

use std::net::SocketAddr;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::error::{Error, Kind};

/// The way to the database: whose certificates are trusted, and where its name leads.
#[derive(Clone)]
pub struct Network {
    pub(crate) tls: MakeRustlsConnect,
    /// In place of what the name resolves to. The name is verified all the same.
    pub(crate) address: Option<SocketAddr>,
}

impl Network {
    /// The network of a function on AWS: the region's certificate authorities, and the name as it resolves.
    pub fn of_region(region: &str) -> Result<Self, Error> {
        let pem = ROOTS.iter().find(|(known, _)| *known == region).ok_or_else(|| {
            let cause = format!("no certificate authorities of RDS are known for `{region}`");
            let help = "see secrets/rotation/data/rds-ca/README.md for how to add them";
            Error::new(Kind::Configuration, cause, help)
        })?;
        Self::trusting(pem.1.as_bytes(), None)
    }

    /// The network that a function's environment describes.
    ///
    /// Only a build with the feature `embedded` looks at [`EMBEDDED_DATABASE_ADDRESS`] and [`EMBEDDED_DATABASE_CA`]; any
    /// other is [`of_region`](Self::of_region).
    ///
    /// [`EMBEDDED_DATABASE_ADDRESS`]: crate::environment::EMBEDDED_DATABASE_ADDRESS
    /// [`EMBEDDED_DATABASE_CA`]: crate::environment::EMBEDDED_DATABASE_CA
    pub fn of_environment(
        region: &str,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, Error> {
        match embedded(&variable) {
            Some(network) => network,
            None => Self::of_region(region),
        }
    }

    /// A network with these certificate authorities alone, as PEM.
    pub(crate) fn trusting(pem: &[u8], address: Option<SocketAddr>) -> Result<Self, Error> {
        let unusable = |why: String| {
            let cause = format!("the certificate authorities cannot be read: {why}");
            Error::new(Kind::Configuration, cause, "they must be PEM, one certificate or more")
        };
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|error| unusable(error.to_string()))?;
            roots.add(certificate).map_err(|error| unusable(error.to_string()))?;
        }
        if roots.is_empty() {
            return Err(unusable("there is none".to_owned()));
        }
        let config =
            ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
                .with_safe_default_protocol_versions()
                .map_err(|error| unusable(error.to_string()))?
                .with_root_certificates(roots)
                .with_no_client_auth();
        Ok(Self { tls: MakeRustlsConnect::new(config), address })
    }

    /// A network that a test makes.
    #[cfg(feature = "testing")]
    pub fn for_test(pem: &[u8], address: SocketAddr) -> Result<Self, Error> {
        Self::trusting(pem, Some(address))
    }
}

#[cfg(feature = "embedded")]
fn embedded(variable: &dyn Fn(&str) -> Option<String>) -> Option<Result<Network, Error>> {
    use crate::contract::environment::{EMBEDDED_DATABASE_ADDRESS, EMBEDDED_DATABASE_CA};

    let (address, file) = (variable(EMBEDDED_DATABASE_ADDRESS), variable(EMBEDDED_DATABASE_CA));
    if address.is_none() && file.is_none() {
        return None;
    }
    let wrong = |name: &str, why: String| {
        let cause = format!("{name} {why}");
        Error::new(Kind::Configuration, cause, "the runtime of the embedded AWS sets it")
    };
    let read = || {
        let missing = |name| move || wrong(name, "is missing".to_owned());
        let address = address.ok_or_else(missing(EMBEDDED_DATABASE_ADDRESS))?;
        let file = file.ok_or_else(missing(EMBEDDED_DATABASE_CA))?;
        let no_address = |_| wrong(EMBEDDED_DATABASE_ADDRESS, "is no address with port".to_owned());
        let address = address.parse().map_err(no_address)?;
        let unreadable = |error| wrong(EMBEDDED_DATABASE_CA, format!("names `{file}`: {error}"));
        Network::trusting(&std::fs::read(&file).map_err(unreadable)?, Some(address))
    };
    Some(read())
}

#[cfg(not(feature = "embedded"))]
fn embedded(_: &dyn Fn(&str) -> Option<String>) -> Option<Result<Network, Error>> {
    None
}

macro_rules! roots {
    ($($region:literal)*) => {
        /// The certificate authorities of RDS by region, as PEM.
        const ROOTS: &[(&str, &str)] =
            &[$(($region, include_str!(concat!("../data/rds-ca/", $region, ".pem")))),*];
    };
}

roots! {
    "af-south-1" "ap-east-1" "ap-northeast-1" "ap-northeast-2" "ap-northeast-3" "ap-south-1"
    "ap-south-2" "ap-southeast-1" "ap-southeast-2" "ap-southeast-3" "ap-southeast-4"
    "ca-central-1" "eu-central-1" "eu-central-2" "eu-north-1" "eu-south-1" "eu-south-2"
    "eu-west-1" "eu-west-2" "eu-west-3" "me-central-1" "me-south-1" "sa-east-1" "us-east-1"
    "us-east-2" "us-west-1" "us-west-2"
}

#[cfg(test)]
mod tests;
