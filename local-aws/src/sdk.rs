//! The cloud as the HTTP client of the AWS SDK: no socket in between.

use crate::cloud::Cloud;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use bytes::Bytes;
use http_body_util::BodyExt;

/// Gives the SDK an embedded cloud in place of a network: `aws_config::...http_client(SdkClient::new(cloud))`.
#[derive(Debug, Clone)]
pub struct SdkClient {
    cloud: Cloud,
}

impl SdkClient {
    /// Wraps a cloud.
    pub fn new(cloud: Cloud) -> Self {
        Self { cloud }
    }
}

impl HttpClient for SdkClient {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for SdkClient {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let cloud = self.cloud.clone();
        HttpConnectorFuture::new(async move {
            let (parts, body) = request
                .try_into_http1x()
                .map_err(|error| ConnectorError::user(error.into()))?
                .into_parts();
            let body = body.collect().await.map_err(ConnectorError::user)?.to_bytes();
            let mut request = http::Request::from_parts(parts, body);
            name_host(&mut request);
            let response =
                cloud.handle(request).await.map_err(|lost| ConnectorError::io(lost.into()))?;
            answer(response).map_err(|error| ConnectorError::user(error.into()))
        })
    }
}

/// The host of the address as the header that a connection would have sent.
fn name_host(request: &mut http::Request<Bytes>) {
    let host = request.uri().authority().and_then(|authority| authority.as_str().parse().ok());
    if let Some(host) = host {
        request.headers_mut().entry(http::header::HOST).or_insert(host);
    }
}

fn answer(
    response: http::Response<Bytes>,
) -> Result<HttpResponse, aws_smithy_runtime_api::http::HttpError> {
    let (parts, body) = response.into_parts();
    let mut answer = HttpResponse::new(StatusCode::try_from(parts.status.as_u16())?, body.into());
    for (name, value) in &parts.headers {
        if let Ok(value) = value.to_str() {
            answer.headers_mut().append(name.as_str().to_owned(), value.to_owned());
        }
    }
    Ok(answer)
}
