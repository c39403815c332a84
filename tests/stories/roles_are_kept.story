# Roles are made, copied, changed and deleted; nobody gives what he does not hold
proves: A1, A4, A7

workspace "Rocket Agency" owned by owner@example.com

api GET /v1/permissions
=> 200
  data.0.name = "view_clients"
  data.0.group = "clients"
api GET /v1/roles?sort=createdAt&count=true
=> 200
  count = 5
  data.0.name = "Owner"
  data.0.isOwner = true
  data.0.isPreset = true
  data.0.internalUserCount = 1
  data.0.id as owners
  data.2.name = "Admin without billing"
  data.2.id as lesser
  data.3.name = "Staff"
  data.3.id as staff
api POST /v1/roles
  {"name": "  helpers ", "description": "They help.", "permissions": ["view_staff", "view_clients", "view_staff"]}
=> 200
  name = "helpers"
  permissions has 2 entries
  isPreset = false
  id as helpers
api POST /v1/roles
  {"name": "Helpers"}
=> 409
  errors.0.code = "name_taken"
api POST /v1/roles
  {"name": "Flyers", "permissions": ["view_clients", "fly"]}
=> 400
  errors.0.code = "unknown_permission"
  errors.0.message ~ "fly"
api POST /v1/roles/{owners}/duplicate
=> 200
  name = "Copy of Owner"
  isOwner = false
  isPreset = false
  permissions ~ manage_api_keys
  id as copy
api POST /v1/roles/{owners}/duplicate
=> 200
  name = "Copy of Owner 2"
api POST /v1/roles/{copy}/duplicate
  {"name": "copy of owner"}
=> 409
api PATCH /v1/roles/{copy}
  {"name": "Deputy", "permissions": ["view_clients", "manage_staff", "view_staff", "edit_clients"]}
=> 200
  name = "Deputy"
api DELETE /v1/roles/{copy}
=> 200
  deleted = true
api GET /v1/roles/{copy}
=> 404
api POST /v1/roles
  {"name": "Deputy", "permissions": ["view_clients", "manage_staff", "view_staff", "edit_clients"]}
=> 200
  id as deputies

# Dan is deputy: he makes staff, up to what he holds
api POST /v1/internal-users?sendInvite=true
  {"givenName": "Dan", "familyName": "Day", "email": "dan@example.com", "roleId": "{deputies}"}
=> 200
  id as dan
mail to dan@example.com
  link as invite
dan POST {invite}
  password=a ladder of wet moss
=> 303
dan POST /v1/internal-users
  {"givenName": "Eva", "familyName": "Eck", "email": "eva@example.com", "role": "helpers"}
=> 200
  id as eva
dan POST /v1/internal-users
  {"givenName": "Fay", "familyName": "Fox", "email": "fay@example.com", "role": "Staff"}
=> 403
  code = "holds_more"
dan PATCH /v1/internal-users/{eva}
  {"role": "Admin"}
=> 403
  code = "holds_more"
dan PATCH /v1/internal-users/{dan}
  {"roleId": "{owners}"}
=> 403
  code = "owners_only"
dan POST /v1/roles
  {"name": "More", "permissions": ["edit_settings"]}
=> 403
  code = "holds_more"
dan PATCH /v1/roles/{deputies}
  {"permissions": ["view_clients", "manage_staff", "view_staff", "edit_clients", "edit_settings"]}
=> 403
dan PATCH /v1/roles/{lesser}
  {"permissions": ["view_clients"]}
=> 403
dan POST /v1/roles/{owners}/duplicate
=> 403
dan POST /v1/roles
  {"name": "Mine", "isOwner": true}
=> 403
dan DELETE /v1/roles/{staff}
=> 403
dan GET /v1/api-keys
=> 200
  data has 0 entries
dan POST /v1/api-keys
  {"name": "mine"}
=> 403

# In use: who holds it is said
api DELETE /v1/roles/{deputies}
=> 409
  code = "role_in_use"
  message ~ Dan Day holds this role
api DELETE /v1/roles/{owners}
=> 409
  message ~ owner holds this role
api DELETE /v1/roles/{deputies}?replacementRoleId={staff}0
=> 400
api DELETE /v1/roles/{deputies}?replacementRoleId={deputies}
=> 400
  errors.0.field = "replacementRoleId"
api DELETE /v1/roles/{deputies}?replacementRoleId={dan}
=> 400
  errors.0.field = "replacementRoleId"

# What somebody may changes with the next request, and his session gets another id
api PATCH /v1/roles/{deputies}
  {"description": "Second to none"}
=> 200
dan GET /v1/clients
=> 200
api PATCH /v1/roles/{deputies}
  {"permissions": ["manage_staff", "view_staff"]}
=> 200
dan GET /v1/clients
=> 401
dan POST /v1/auth/login
  {"email": "dan@example.com", "password": "a ladder of wet moss"}
=> 200
dan GET /v1/clients
=> 403
dan PATCH /v1/internal-users/{eva}
  {"givenName": "Evi"}
=> 403
  code = "holds_more"
api DELETE /v1/roles/{deputies}?replacementRoleId={staff}
=> 200
api GET /v1/internal-users/{dan}
=> 200
  role = "Staff"
dan GET /v1/me
=> 401
foyer check --data DATA
=> 0
