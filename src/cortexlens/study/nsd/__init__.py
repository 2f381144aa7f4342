"""The Natural Scenes Dataset in its released form."""
