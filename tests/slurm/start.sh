#!/usr/bin/env bash
# Start a Slurm of three nodes on this machine, for tests: start.sh FOLDER, as root.
# All that it writes lies in the folder, but for a link from /etc/slurm/slurm.conf: in its jobs
# Slurm looks for its settings there.
set -euo pipefail
folder=$1
settings=/etc/slurm/slurm.conf
if [ -e "$settings" ]; then
  echo "$settings is there already: this machine has a Slurm of its own, or one is being tried" >&2
  exit 1
fi
mkdir -p "$folder"/{state,spool,run}
chmod 700 "$folder"

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("", 0)); print(s.getsockname()[1])'
}

# The limit of jobs' memory is watched every second, since there may be no control groups. After a
# node was lost its jobs may begin again when their credentials have expired: soon.
cat > "$folder/slurm.conf" <<END
ClusterName=tried
SlurmctldHost=localhost
SlurmctldPort=$(free_port)
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$folder/run/munge.socket,cred_expire=10
CredType=cred/munge
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool/%n
SlurmctldPidFile=$folder/run/slurmctld.pid
SlurmdPidFile=$folder/run/slurmd-%n.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=1
JobAcctGatherParams=OverMemoryKill
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=2,bf_interval=2,batch_sched_delay=0,sched_min_interval=0
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SlurmdParameters=config_overrides
ReturnToService=1
KillWait=2
MinJobAge=3600
InactiveLimit=0
SlurmdTimeout=60
GresTypes=gpu
NodeName=cpu1 NodeHostname=localhost Port=$(free_port) CPUs=2 RealMemory=8000
NodeName=cpu2 NodeHostname=localhost Port=$(free_port) CPUs=2 RealMemory=8000
NodeName=gpu1 NodeHostname=localhost Port=$(free_port) CPUs=2 RealMemory=8000 Gres=gpu:2
PartitionName=cpu Nodes=cpu1,cpu2 Default=YES MaxTime=1-00:00:00 State=UP
PartitionName=gpu Nodes=gpu1 MaxTime=1-00:00:00 State=UP
END
# Two files that every machine has stand for graphics cards.
printf 'NodeName=gpu1 Name=gpu File=/dev/%s\n' null zero > "$folder/gres.conf"
ln --symbolic --force "$folder/slurm.conf" "$settings"
export SLURM_CONF="$folder/slurm.conf"

# A munge of its own, whose key and socket lie in the folder.
head --bytes 1024 /dev/urandom > "$folder/munge.key"
chmod 400 "$folder/munge.key"
munged --force --key-file "$folder/munge.key" --socket "$folder/run/munge.socket" \
  --pid-file "$folder/run/munged.pid" --log-file "$folder/munged.log" \
  --seed-file "$folder/munge.seed"
slurmctld -c
for node in cpu1 cpu2 gpu1; do
  slurmd -N "$node"
done
for _ in $(seq 60); do
  if [ "$(sinfo --noheader --Node --states idle 2>/dev/null | wc -l)" -eq 3 ]; then
    exit 0
  fi
  sleep 0.5
done
echo "Slurm did not come up: $(grep --no-filename fatal "$folder"/*.log)" >&2
"$(dirname "$0")/stop.sh" "$folder"
exit 1
