"""Describes everything that a network stack has, as any AWS client sees it, as one JSON document.

Usage: describe.py ENDPOINT REGION. All pages are read, with the smallest page size that AWS takes.
"""

import json
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

endpoint, region = sys.argv[1:3]
credentials = {"aws_access_key_id": "any", "aws_secret_access_key": "any"}
settings = Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"})


def client(service):
    return boto3.client(service, endpoint_url=endpoint, region_name=region, config=settings, **credentials)


def pages(service, operation, key, page=5, **arguments):
    """All items of a paginated operation."""
    paginator = client(service).get_paginator(operation)
    found = paginator.paginate(PaginationConfig={"PageSize": page}, **arguments)
    return [item for answer in found for item in answer.get(key, [])]


ec2, kms, sns = client("ec2"), client("kms"), client("sns")
logs, cloudwatch, iam = client("logs"), client("cloudwatch"), client("iam")
efs = client("efs")
rds, secrets = client("rds"), client("secretsmanager")


def attributes(vpc):
    ask = lambda name, key: ec2.describe_vpc_attribute(VpcId=vpc, Attribute=name)[key]["Value"]
    return {"support": ask("enableDnsSupport", "EnableDnsSupport"), "hostnames": ask("enableDnsHostnames", "EnableDnsHostnames")}


def key(key_id):
    metadata = kms.describe_key(KeyId=key_id)["KeyMetadata"]
    if metadata["KeyState"] == "PendingDeletion":
        return {"Metadata": metadata}
    return {
        "Metadata": metadata,
        "Rotation": kms.get_key_rotation_status(KeyId=key_id),
        "Policy": json.loads(kms.get_key_policy(KeyId=key_id, PolicyName="default")["Policy"]),
        "Tags": kms.list_resource_tags(KeyId=key_id)["Tags"],
    }


def role(found):
    name = found["RoleName"]
    attached = pages("iam", "list_attached_role_policies", "AttachedPolicies", RoleName=name)
    return {
        "Role": iam.get_role(RoleName=name)["Role"],
        "Attached": attached,
        "Inline": iam.list_role_policies(RoleName=name)["PolicyNames"],
    }


def policy(found):
    arn = found["Arn"]
    metadata = iam.get_policy(PolicyArn=arn)["Policy"]
    version = iam.get_policy_version(PolicyArn=arn, VersionId=metadata["DefaultVersionId"])
    return {"Policy": metadata, "Document": version["PolicyVersion"]["Document"]}


def topic(found):
    arn = found["TopicArn"]
    return {
        "Attributes": sns.get_topic_attributes(TopicArn=arn)["Attributes"],
        "Tags": sns.list_tags_for_resource(ResourceArn=arn)["Tags"],
        "Subscriptions": sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"],
    }


def alarm(found):
    tags = cloudwatch.list_tags_for_resource(ResourceARN=found["AlarmArn"])["Tags"]
    return {"Alarm": found, "Tags": tags}


def log_group(found):
    return {"Group": found, "Tags": logs.list_tags_for_resource(resourceArn=found["logGroupArn"])["tags"]}


def file_system(found):
    of = {"FileSystemId": found["FileSystemId"]}
    return {
        "FileSystem": found,
        "Lifecycle": efs.describe_lifecycle_configuration(**of)["LifecyclePolicies"],
        "Backup": efs.describe_backup_policy(**of)["BackupPolicy"]["Status"],
        "Policy": json.loads(efs.describe_file_system_policy(**of)["Policy"]),
        "AccessPoints": pages("efs", "describe_access_points", "AccessPoints", 1, **of),
        "MountTargets": [mount_target(one) for one in pages("efs", "describe_mount_targets", "MountTargets", 1, **of)],
    }


def mount_target(found):
    groups = efs.describe_mount_target_security_groups(MountTargetId=found["MountTargetId"])
    return {"MountTarget": found, "Groups": groups["SecurityGroups"]}


def own(found):
    """Whether this is not one that a service made for itself."""
    path, name = found.get("Path", ""), found.get("AliasName", "")
    return not path.startswith("/aws-service-role/") and not name.startswith("alias/aws/") and found.get("KeyManager") != "AWS"


def offered(ask):
    """What a server answers that may lack the operation, as the independent emulator does."""
    try:
        return ask()
    except ClientError as error:
        if error.response["Error"]["Code"] != "InvalidAction":
            raise
        return []


def tagged_in_rds(found, arn):
    """Something of RDS that does not tell its tags itself."""
    return {**found, "Tags": rds.list_tags_for_resource(ResourceName=found[arn])["TagList"]}


def parameter_group(found, cluster):
    prefix = "DBClusterParameter" if cluster else "DBParameter"
    operation = "describe_db_cluster_parameters" if cluster else "describe_db_parameters"
    set_by_user = pages("rds", operation, "Parameters", 20, **{f"{prefix}GroupName": found[f"{prefix}GroupName"]}, Source="user")
    return {**tagged_in_rds(found, f"{prefix}GroupArn"), "Parameters": set_by_user}


def secret(found):
    return {**secrets.describe_secret(SecretId=found["ARN"]), "Policy": secrets.get_resource_policy(SecretId=found["ARN"]).get("ResourcePolicy")}


elasticache = client("elasticache")


def tagged(found):
    """A thing of ElastiCache with its tags."""
    return {**found, "Tags": elasticache.list_tags_for_resource(ResourceName=found["ARN"])["TagList"]}


def own_parameter_groups():
    groups = pages("elasticache", "describe_cache_parameter_groups", "CacheParameterGroups", 20)
    return [group for group in groups if not group["CacheParameterGroupName"].startswith("default.")]


def parameters(group):
    name = group["CacheParameterGroupName"]
    changed = pages("elasticache", "describe_cache_parameters", "Parameters", 20, CacheParameterGroupName=name, Source="user")
    return {**tagged(group), "Parameters": {one["ParameterName"]: one["ParameterValue"] for one in changed}}


def own_users():
    return [user for user in pages("elasticache", "describe_users", "Users", 20) if user["UserId"] != "default"]


vpcs = pages("ec2", "describe_vpcs", "Vpcs")
everything = {
    "vpcs": [{"Vpc": vpc, "Dns": attributes(vpc["VpcId"])} for vpc in vpcs],
    "subnets": pages("ec2", "describe_subnets", "Subnets"),
    "internet_gateways": pages("ec2", "describe_internet_gateways", "InternetGateways"),
    "addresses": ec2.describe_addresses()["Addresses"],
    "nat_gateways": pages("ec2", "describe_nat_gateways", "NatGateways"),
    "route_tables": pages("ec2", "describe_route_tables", "RouteTables"),
    "network_acls": pages("ec2", "describe_network_acls", "NetworkAcls"),
    "security_groups": pages("ec2", "describe_security_groups", "SecurityGroups"),
    "security_group_rules": pages("ec2", "describe_security_group_rules", "SecurityGroupRules"),
    "vpc_endpoints": pages("ec2", "describe_vpc_endpoints", "VpcEndpoints"),
    "network_interfaces": pages("ec2", "describe_network_interfaces", "NetworkInterfaces"),
    "flow_logs": pages("ec2", "describe_flow_logs", "FlowLogs"),
    "log_groups": [log_group(found) for found in pages("logs", "describe_log_groups", "logGroups", 1)],
    "keys": [one for one in (key(found["KeyId"]) for found in pages("kms", "list_keys", "Keys", 1)) if own(one["Metadata"])],
    "aliases": [found for found in pages("kms", "list_aliases", "Aliases", 1) if own(found)],
    "roles": [role(found) for found in pages("iam", "list_roles", "Roles", 1) if own(found)],
    "policies": [policy(found) for found in pages("iam", "list_policies", "Policies", 1, Scope="Local")],
    "alarms": [alarm(found) for found in pages("cloudwatch", "describe_alarms", "MetricAlarms", 1)],
    "topics": [topic(found) for found in pages("sns", "list_topics", "Topics", None)],
    "file_systems": [file_system(found) for found in pages("efs", "describe_file_systems", "FileSystems", 1)],
    "replication_groups": [tagged(found) for found in pages("elasticache", "describe_replication_groups", "ReplicationGroups", 20)],
    "cache_clusters": pages("elasticache", "describe_cache_clusters", "CacheClusters", 20, ShowCacheNodeInfo=True),
    "cache_subnet_groups": [tagged(found) for found in pages("elasticache", "describe_cache_subnet_groups", "CacheSubnetGroups", 20)],
    "cache_parameter_groups": [parameters(found) for found in own_parameter_groups()],
    "cache_users": [tagged(found) for found in own_users()],
    "cache_user_groups": [tagged(found) for found in pages("elasticache", "describe_user_groups", "UserGroups", 20)],
    "cache_snapshots": [tagged(found) for found in pages("elasticache", "describe_snapshots", "Snapshots", 20)],
    "db_clusters": pages("rds", "describe_db_clusters", "DBClusters", 20),
    "db_instances": pages("rds", "describe_db_instances", "DBInstances", 20),
    "db_subnet_groups": [tagged_in_rds(found, "DBSubnetGroupArn") for found in pages("rds", "describe_db_subnet_groups", "DBSubnetGroups", 20)],
    "db_cluster_parameter_groups": [
        parameter_group(found, True) for found in pages("rds", "describe_db_cluster_parameter_groups", "DBClusterParameterGroups", 20)
    ],
    "db_parameter_groups": [parameter_group(found, False) for found in pages("rds", "describe_db_parameter_groups", "DBParameterGroups", 20)],
    "db_event_subscriptions": offered(lambda: pages("rds", "describe_event_subscriptions", "EventSubscriptionsList", 20)),
    "db_cluster_snapshots": pages("rds", "describe_db_cluster_snapshots", "DBClusterSnapshots", 20),
    "secrets": [secret(found) for found in pages("secretsmanager", "list_secrets", "SecretList", 1)],
    "buckets": client("s3").list_buckets()["Buckets"],
    "tagged": pages("resourcegroupstaggingapi", "get_resources", "ResourceTagMappingList", 1),
}
print(json.dumps(everything, default=str))
