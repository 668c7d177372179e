#!/usr/bin/env python3
"""A charm of plugin `poetry`: active once it was started, with the greeting that is configured."""

import ops

import greeting


class Charm(ops.CharmBase):
    """Says what it was told to say."""

    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        framework.observe(self.on.install, self._on_install)
        framework.observe(self.on.config_changed, self._on_config_changed)
        framework.observe(self.on.start, self._on_start)

    def _on_install(self, event: ops.InstallEvent):
        self.unit.status = ops.MaintenanceStatus("installed")

    def _on_config_changed(self, event: ops.ConfigChangedEvent):
        # Before the start there is nothing that could greet.
        if isinstance(self.unit.status, ops.ActiveStatus):
            self._greet()

    def _on_start(self, event: ops.StartEvent):
        self._greet()

    def _greet(self):
        self.unit.status = ops.ActiveStatus(greeting.text(str(self.config["name"])))


if __name__ == "__main__":
    ops.main(Charm)
