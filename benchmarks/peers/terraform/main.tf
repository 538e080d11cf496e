# The fleet by terraform_data and curl, as one finds it: one blind call for each app. What a provisioner needs
# at destroy time has to be in the resource itself, the token too.

variable "endpoint" { type = string }
variable "tokens" {
  type      = map(string)
  sensitive = true
}

locals {
  apps = { for app in jsondecode(file("${path.module}/fleet.json")) : app.appid => app }
}

resource "terraform_data" "domains" {
  for_each         = local.apps
  triggers_replace = each.value.domains
  input = {
    url     = "${var.endpoint}/wxa/setwebviewdomain_directly?access_token=${var.tokens[each.key]}"
    domains = jsonencode(each.value.domains)
  }

  provisioner "local-exec" {
    command = <<-EOT
      curl --silent --show-error --fail '${self.input.url}' \
        --data '{"action": "set", "webviewdomain": ${self.input.domains}}'
    EOT
  }

  provisioner "local-exec" {
    when    = destroy
    command = <<-EOT
      curl --silent --show-error --fail '${self.input.url}' \
        --data '{"action": "delete", "webviewdomain": ${self.input.domains}}'
    EOT
  }
}
