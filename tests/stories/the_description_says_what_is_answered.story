# openapi.json says what each route really answers: one thing, all of them, verdicts, an operation
proves: S3, O1

workspace "Rocket Agency" owned by owner@example.com with the demo

nobody GET /openapi.json
=> 200
  paths./v1/invites.post.responses.200.content.application/json.schema.properties.data.items.$ref = "#/components/schemas/invite_verdict"
  paths./v1/invites.post.responses.202.content.application/json.schema.$ref = "#/components/schemas/operation"
  components.schemas.invite_verdict.properties.invite.$ref = "#/components/schemas/invite"
  paths./v1/invites/{id}.get.responses.200.content.application/json.schema.$ref = "#/components/schemas/invite"
  paths./v1/invites/{id}/link.get.responses.200.content.application/json.schema.$ref = "#/components/schemas/invite_link"
  paths./v1/companies/{id}/move-clients.post.responses.200.content.application/json.schema.properties.data.items.$ref = "#/components/schemas/verdict"
  paths./v1/clients/{id}/companies.get.responses.200.content.application/json.schema.properties.data.items.$ref = "#/components/schemas/membership"
  paths./v1/custom-fields.get.responses.200.content.application/json.schema.properties.data.items.$ref = "#/components/schemas/custom_field"
  paths./v1/scripts/{name}/check.post.responses.200.content.application/json.schema.$ref = "#/components/schemas/check"
  paths./v1/scripts/{name}/versions.get.responses.200.content.application/json.schema.properties.data.items.$ref = "#/components/schemas/revision"
  paths./v1/plugins/rollback.post.responses.200.content.application/json.schema.$ref = "#/components/schemas/rollback"

# and so it is
api GET /v1/clients?givenName=John
=> 200
  data.0.id as john
api POST /v1/invites
  {"clientIds": ["{john}", "01900000-0000-7000-8000-000000000000"]}
=> 200
  data has 2 entries
  data.0.clientId = "{john}"
  data.0.ok = true
  data.0.invite.clientId = "{john}"
  data.0.invite.id as invite
  data.1.ok = false
  data.1.code = "not_found"
api GET /v1/invites/{invite}/link
=> 200
  object = "inviteLink"
  url ~ /invite/
