/* Routes: the tables, each of which stands in the file of its resource. */
#include "api/routes.h"

#include "api/accept.h"
#include "api/api_keys.h"
#include "api/audit.h"
#include "api/clients.h"
#include "api/companies.h"
#include "api/custom_fields.h"
#include "api/deliveries.h"
#include "api/docs.h"
#include "api/health.h"
#include "api/internal_users.h"
#include "api/invites.h"
#include "api/me.h"
#include "api/message_channels.h"
#include "api/openapi.h"
#include "api/operations.h"
#include "api/pages.h"
#include "api/permissions.h"
#include "api/planned.h"
#include "api/plugin_settings.h"
#include "api/plugins.h"
#include "api/policies.h"
#include "api/reset.h"
#include "api/roles.h"
#include "api/script_versions.h"
#include "api/scripts.h"
#include "api/webhook_endpoints.h"
#include "api/workspaces.h"

#include <stddef.h>

const struct route *const api_routes[] = {
    health_routes,
    auth_routes,
    accept_routes,
    reset_routes,
    me_routes,
    workspace_routes,
    internal_user_routes,
    client_routes,
    archive_routes,
    company_routes,
    company_bulk_routes,
    membership_routes,
    message_channel_routes,
    custom_field_routes,
    custom_option_routes,
    invite_routes,
    operation_routes,
    openapi_routes,
    docs_routes,
    page_routes,
    sign_in_page_routes,
    account_page_routes,
    workspace_page_routes,
    asset_routes,
    audit_routes,
    delivery_routes,
    job_routes,
    policy_routes,
    plugin_routes,
    plugin_setting_routes,
    script_routes,
    role_routes,
    permission_routes,
    api_key_routes,
    script_version_routes,
    webhook_endpoint_routes,
    webhook_event_routes,
    webhook_log_routes,
    NULL,
};
