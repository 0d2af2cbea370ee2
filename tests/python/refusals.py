"""Does what AWS refuses, and prints for each attempt the code that it was refused with, as one JSON object.

Usage: refusals.py ENDPOINT REGION, against an embedded AWS on which GlobeCart is up.
"""

import json
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

endpoint, region = sys.argv[1:3]
credentials = {"aws_access_key_id": "any", "aws_secret_access_key": "any"}
settings = Config(retries={"max_attempts": 1})
codes = {}


def client(service):
    return boto3.client(service, endpoint_url=endpoint, region_name=region, config=settings, **credentials)


def attempt(what, operation, **arguments):
    """Calls an operation that must be refused."""
    try:
        operation(**arguments)
        codes[what] = "accepted"
    except ClientError as error:
        codes[what] = error.response["Error"]["Code"]


ec2, iam, kms = client("ec2"), client("iam"), client("kms")
logs, sns, cloudwatch = client("logs"), client("sns"), client("cloudwatch")

vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
subnets = ec2.describe_subnets()["Subnets"]
nat = ec2.describe_nat_gateways()["NatGateways"][0]
gateway = ec2.describe_internet_gateways()["InternetGateways"][0]["InternetGatewayId"]
tables = ec2.describe_route_tables(Filters=[{"Name": "tag-key", "Values": ["globecart:stack"]}])["RouteTables"]
routed = next(table for table in tables if any(route.get("NatGatewayId") for route in table["Routes"]))
role = next(one for one in iam.list_roles()["Roles"] if not one["Path"].startswith("/aws-service-role/"))["RoleName"]
policy = iam.list_policies(Scope="Local")["Policies"][0]["Arn"]
group = logs.describe_log_groups()["logGroups"][0]["logGroupName"]
alias = next(one for one in kms.list_aliases()["Aliases"] if not one["AliasName"].startswith("alias/aws/"))

attempt("a VPC with subnets", ec2.delete_vpc, VpcId=vpc)
attempt("a subnet with a NAT gateway", ec2.delete_subnet, SubnetId=nat["SubnetId"])
attempt("a gateway with mapped addresses", ec2.detach_internet_gateway, InternetGatewayId=gateway, VpcId=vpc)
attempt("an attached gateway", ec2.delete_internet_gateway, InternetGatewayId=gateway)
attempt("an address in use", ec2.release_address, AllocationId=nat["NatGatewayAddresses"][0]["AllocationId"])
attempt("a route table in use", ec2.delete_route_table, RouteTableId=routed["RouteTableId"])
attempt("a role with policies", iam.delete_role, RoleName=role)
attempt("a policy in use", iam.delete_policy, PolicyArn=policy)

attempt("an unknown VPC", ec2.describe_vpcs, VpcIds=["vpc-00000000000000000"])
attempt("an unknown subnet", ec2.delete_subnet, SubnetId="subnet-00000000000000000")
attempt("an unknown NAT gateway", ec2.delete_nat_gateway, NatGatewayId="nat-00000000000000000")
attempt("a malformed id", ec2.describe_route_tables, RouteTableIds=["nonsense"])
attempt("an unknown role", iam.get_role, RoleName="nobody")
attempt("an unknown key", kms.describe_key, KeyId="00000000-0000-0000-0000-000000000000")
attempt("an unknown log group", logs.delete_log_group, logGroupName="nothing")
attempt("an unknown topic", sns.get_topic_attributes, TopicArn=f"arn:aws:sns:{region}:123456789012:nothing")
attempt("an unknown alarm", cloudwatch.delete_alarms, AlarmNames=["nothing"])

attempt("a range in use", ec2.create_subnet, VpcId=vpc, CidrBlock=subnets[0]["CidrBlock"])
attempt("a range outside", ec2.create_subnet, VpcId=vpc, CidrBlock="192.168.0.0/24")
attempt("a route twice", ec2.create_route, RouteTableId=routed["RouteTableId"], DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
ec2.create_security_group(VpcId=vpc, GroupName="clients", Description="once")
attempt("a group name twice", ec2.create_security_group, VpcId=vpc, GroupName="clients", Description="again")
attempt("a role twice", iam.create_role, RoleName=role, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}]}))
attempt("a log group twice", logs.create_log_group, logGroupName=group)
attempt("an alias twice", kms.create_alias, AliasName=alias["AliasName"], TargetKeyId=alias["TargetKeyId"])

token = {"ClientToken": "one-token"}
ec2.create_route_table(VpcId=vpc, **token)
attempt("a token with other parameters", ec2.create_route_table, VpcId=vpc, TagSpecifications=[{"ResourceType": "route-table", "Tags": [{"Key": "a", "Value": "b"}]}], **token)
attempt("an operation that is not there", ec2.describe_instances)
attempt("a wish to know only", ec2.create_vpc, CidrBlock="10.9.0.0/16", DryRun=True)
print(json.dumps(codes))
