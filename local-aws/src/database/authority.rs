//! The certificate authority of the embedded RDS: made once, kept beside the cloud.

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The authority, with its certificate in a file.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: PathBuf,
}

impl Authority {
    /// Reads the authority in a folder, or makes one there.
    pub(crate) fn open(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let (certificate, key) = (folder.join("ca.pem"), folder.join("ca-key.pem"));
        let known = fs::read_to_string(&key).ok().and_then(|text| KeyPair::from_pem(&text).ok());
        let key = match known {
            Some(known) if certificate.exists() => known,
            _ => make(&certificate, &key)?,
        };
        Ok(Self { issuer: Issuer::new(parameters(), key), certificate })
    }

    /// The file with its certificate.
    pub(crate) fn certificate(&self) -> &Path {
        &self.certificate
    }

    /// What a server with these names is configured with.
    pub(super) fn server(&self, names: &[String]) -> io::Result<Arc<ServerConfig>> {
        let mut leaf = CertificateParams::new(names.to_vec()).map_err(io::Error::other)?;
        leaf.distinguished_name = named(&names[0]);
        leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        leaf.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let certificate = leaf.signed_by(&key, &self.issuer).map_err(io::Error::other)?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .map_err(io::Error::other)?;
        Ok(Arc::new(config))
    }
}

fn named(name: &str) -> DistinguishedName {
    let mut all = DistinguishedName::new();
    // A common name has at most 64 characters, and clients look at the alternative names.
    all.push(DnType::CommonName, name.chars().take(64).collect::<String>());
    all
}

fn parameters() -> CertificateParams {
    let mut authority = CertificateParams::default();
    authority.distinguished_name = named("GlobeCart embedded RDS");
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    authority
}

fn make(certificate: &Path, key: &Path) -> io::Result<KeyPair> {
    let pair = KeyPair::generate().map_err(io::Error::other)?;
    let made = parameters().self_signed(&pair).map_err(io::Error::other)?;
    private(key)?.write_all(pair.serialize_pem().as_bytes())?;
    fs::write(certificate, made.pem())?;
    Ok(pair)
}

fn private(file: &Path) -> io::Result<File> {
    File::options().create(true).truncate(true).write(true).mode(0o600).open(file)
}
