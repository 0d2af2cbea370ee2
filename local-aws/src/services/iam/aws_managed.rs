//! Some of AWS's own policies, with what they allow:
//! <https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html>

use super::letters;
use crate::call::hex;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// A policy: path, name, number of its default version, and its statements (effect `Allow`).
struct Managed(&'static str, &'static str, u32, &'static str);

/// When AWS introduced managed policies, in seconds since 1970.
const SINCE: f64 = 1_423_247_986.0;

const POLICIES: [Managed; 15] = [
    Managed("/", "AdministratorAccess", 1, r#"[{"Effect":"Allow","Action":"*","Resource":"*"}]"#),
    Managed(
        "/",
        "AmazonEC2ContainerRegistryReadOnly",
        3,
        r#"[{"Effect":"Allow","Action":["ecr:GetAuthorizationToken","ecr:BatchCheckLayerAvailability","ecr:GetDownloadUrlForLayer","ecr:GetRepositoryPolicy","ecr:DescribeRepositories","ecr:ListImages","ecr:DescribeImages","ecr:BatchGetImage","ecr:GetLifecyclePolicy","ecr:GetLifecyclePolicyPreview","ecr:ListTagsForResource","ecr:DescribeImageScanFindings"],"Resource":"*"}]"#,
    ),
    Managed(
        "/",
        "AmazonS3FullAccess",
        2,
        r#"[{"Effect":"Allow","Action":["s3:*","s3-object-lambda:*"],"Resource":"*"}]"#,
    ),
    Managed(
        "/",
        "AmazonS3ReadOnlyAccess",
        3,
        r#"[{"Effect":"Allow","Action":["s3:Get*","s3:List*","s3:Describe*","s3-object-lambda:Get*","s3-object-lambda:List*"],"Resource":"*"}]"#,
    ),
    Managed(
        "/",
        "AmazonSSMManagedInstanceCore",
        2,
        r#"[{"Effect":"Allow","Action":["ssm:DescribeAssociation","ssm:GetDeployablePatchSnapshotForInstance","ssm:GetDocument","ssm:DescribeDocument","ssm:GetManifest","ssm:GetParameter","ssm:GetParameters","ssm:ListAssociations","ssm:ListInstanceAssociations","ssm:PutInventory","ssm:PutComplianceItems","ssm:PutConfigurePackageResult","ssm:UpdateAssociationStatus","ssm:UpdateInstanceAssociationStatus","ssm:UpdateInstanceInformation"],"Resource":"*"},{"Effect":"Allow","Action":["ssmmessages:CreateControlChannel","ssmmessages:CreateDataChannel","ssmmessages:OpenControlChannel","ssmmessages:OpenDataChannel"],"Resource":"*"},{"Effect":"Allow","Action":["ec2messages:AcknowledgeMessage","ec2messages:DeleteMessage","ec2messages:FailMessage","ec2messages:GetEndpoint","ec2messages:GetMessages","ec2messages:SendReply"],"Resource":"*"}]"#,
    ),
    Managed(
        "/",
        "AWSXRayDaemonWriteAccess",
        2,
        r#"[{"Effect":"Allow","Action":["xray:PutTraceSegments","xray:PutTelemetryRecords","xray:GetSamplingRules","xray:GetSamplingTargets","xray:GetSamplingStatisticSummaries"],"Resource":["*"]}]"#,
    ),
    Managed(
        "/",
        "CloudWatchAgentServerPolicy",
        3,
        r#"[{"Sid":"CWACloudWatchServerPermissions","Effect":"Allow","Action":["cloudwatch:PutMetricData","ec2:DescribeVolumes","ec2:DescribeTags","logs:PutLogEvents","logs:PutRetentionPolicy","logs:DescribeLogStreams","logs:DescribeLogGroups","logs:CreateLogStream","logs:CreateLogGroup","xray:PutTraceSegments","xray:PutTelemetryRecords","xray:GetSamplingRules","xray:GetSamplingTargets","xray:GetSamplingStatisticSummaries"],"Resource":"*"},{"Sid":"CWASSMServerPermissions","Effect":"Allow","Action":["ssm:GetParameter"],"Resource":"arn:aws:ssm:*:*:parameter/AmazonCloudWatch-*"}]"#,
    ),
    Managed(
        "/",
        "IAMReadOnlyAccess",
        4,
        r#"[{"Effect":"Allow","Action":["iam:GenerateCredentialReport","iam:GenerateServiceLastAccessedDetails","iam:Get*","iam:List*","iam:SimulateCustomPolicy","iam:SimulatePrincipalPolicy"],"Resource":"*"}]"#,
    ),
    Managed(
        "/",
        "PowerUserAccess",
        6,
        r#"[{"Effect":"Allow","NotAction":["iam:*","organizations:*","account:*"],"Resource":"*"},{"Effect":"Allow","Action":["account:GetAccountInformation","account:GetPrimaryEmail","account:ListRegions","iam:CreateServiceLinkedRole","iam:DeleteServiceLinkedRole","iam:ListRoles","organizations:DescribeEffectivePolicy","organizations:DescribeOrganization"],"Resource":"*"}]"#,
    ),
    Managed(
        "/service-role/",
        "AWSLambdaBasicExecutionRole",
        1,
        r#"[{"Effect":"Allow","Action":["logs:CreateLogGroup","logs:CreateLogStream","logs:PutLogEvents"],"Resource":"*"}]"#,
    ),
    Managed(
        "/service-role/",
        "AWSLambdaVPCAccessExecutionRole",
        3,
        r#"[{"Sid":"AWSLambdaVPCAccessExecutionPermissions","Effect":"Allow","Action":["logs:CreateLogGroup","logs:CreateLogStream","logs:PutLogEvents","ec2:CreateNetworkInterface","ec2:DescribeNetworkInterfaces","ec2:DescribeSubnets","ec2:DeleteNetworkInterface","ec2:AssignPrivateIpAddresses","ec2:UnassignPrivateIpAddresses"],"Resource":"*"}]"#,
    ),
    Managed(
        "/service-role/",
        "AmazonAPIGatewayPushToCloudWatchLogs",
        1,
        r#"[{"Effect":"Allow","Action":["logs:CreateLogGroup","logs:CreateLogStream","logs:DescribeLogGroups","logs:DescribeLogStreams","logs:PutLogEvents","logs:GetLogEvents","logs:FilterLogEvents"],"Resource":"*"}]"#,
    ),
    Managed(
        "/service-role/",
        "AmazonECSTaskExecutionRolePolicy",
        1,
        r#"[{"Effect":"Allow","Action":["ecr:GetAuthorizationToken","ecr:BatchCheckLayerAvailability","ecr:GetDownloadUrlForLayer","ecr:BatchGetImage","logs:CreateLogStream","logs:PutLogEvents"],"Resource":"*"}]"#,
    ),
    Managed(
        "/service-role/",
        "AmazonRDSEnhancedMonitoringRole",
        1,
        r#"[{"Sid":"EnableCreationAndManagementOfRDSCloudwatchLogGroups","Effect":"Allow","Action":["logs:CreateLogGroup","logs:PutRetentionPolicy"],"Resource":["arn:aws:logs:*:*:log-group:RDS*"]},{"Sid":"EnableCreationAndManagementOfRDSCloudwatchLogStreams","Effect":"Allow","Action":["logs:CreateLogStream","logs:PutLogEvents","logs:DescribeLogStreams","logs:GetLogEvents"],"Resource":["arn:aws:logs:*:*:log-group:RDS*:log-stream:*"]}]"#,
    ),
    Managed(
        "/service-role/",
        "AmazonS3ObjectLambdaExecutionRolePolicy",
        1,
        r#"[{"Effect":"Allow","Action":["logs:CreateLogGroup","logs:CreateLogStream","logs:PutLogEvents","s3-object-lambda:WriteGetObjectResponse"],"Resource":"*"}]"#,
    ),
];

/// Whether an ARN is that of an AWS-managed policy, known here or not.
pub(super) fn is_arn(arn: &str) -> bool {
    arn.contains(":iam::aws:policy/")
}

/// All of them, in the form of customer-managed ones.
pub(super) fn all() -> Vec<Value> {
    POLICIES.iter().map(row).collect()
}

/// The one with an ARN.
pub(super) fn policy(arn: &str) -> Option<Value> {
    POLICIES.iter().find(|policy| self::arn(policy) == arn).map(row)
}

fn arn(Managed(path, name, ..): &Managed) -> String {
    format!("arn:aws:iam::aws:policy{path}{name}")
}

fn row(policy: &Managed) -> Value {
    let Managed(path, name, version, statements) = policy;
    let arn = arn(policy);
    let id = format!("ANPA{}", letters(&hex(&Sha256::digest(&arn)[..17])));
    let version = format!("v{version}");
    let document = format!(r#"{{"Version":"2012-10-17","Statement":{statements}}}"#);
    json!({
        "PolicyName": name, "PolicyId": id, "Arn": arn, "Path": path, "DefaultVersionId": version, "IsAttachable": true,
        "CreateDate": SINCE, "UpdateDate": SINCE, "_key": arn,
        "_versions": [{"VersionId": version, "Document": document, "CreateDate": SINCE}],
    })
}
