"""The Slurm job array of docs/batch.md under a real slurmctld and slurmd: one machine, keys, sockets and ports of its own."""

import contextlib
import os
import socket
import subprocess
import time

import common
import pki
import tap
from page import archive, needs, rows, script, surroundings

TASKS = 3


def free_port():
    with socket.socket() as one:
        one.bind(('127.0.0.1', 0))
        return one.getsockname()[1]


def configure(home):
    """slurm.conf of a cluster of this machine alone: no accounting, no control groups."""
    host = socket.gethostname().split('.')[0]
    (home / 'cgroup.conf').write_text('CgroupPlugin=cgroup/v1\n')     # which does nothing until it is asked to
    (home / 'slurm.conf').write_text(f'''ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={free_port()}
SlurmdPort={free_port()}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={home}/munge.socket
CredType=cred/munge
StateSaveLocation={home}/state
SlurmdSpoolDir={home}/spool
SlurmctldPidFile={home}/slurmctld.pid
SlurmdPidFile={home}/slurmd.pid
SlurmctldLogFile={home}/slurmctld.log
SlurmdLogFile={home}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=sched_interval=1,batch_sched_delay=0
ReturnToService=2
NodeName={host} NodeAddr=127.0.0.1 CPUs={len(os.sched_getaffinity(0))} State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
''')


@contextlib.contextmanager
def cluster(home):
    """munged, slurmctld and slurmd; the environment in which sbatch finds them. They end with it."""
    (home / 'munge.key').write_bytes(os.urandom(128))
    (home / 'munge.key').chmod(0o600)
    for name in ('state', 'spool'):
        (home / name).mkdir()
    configure(home)
    env = {**common.ENV, 'SLURM_CONF': str(home / 'slurm.conf')}
    commands = [['munged', '--foreground', '--force', f'--key-file={home}/munge.key', f'--socket={home}/munge.socket',
                 f'--pid-file={home}/munge.pid', f'--log-file={home}/munge.log', f'--seed-file={home}/munge.seed'],
                ['slurmctld', '-D', '-c'], ['slurmd', '-D']]
    running = []
    try:
        for command in commands:
            with open(home / f'{command[0]}.out', 'wb') as out:
                running.append(subprocess.Popen(command, env=env, cwd=home, stdin=subprocess.DEVNULL, stdout=out, stderr=out))
            wait(lambda: command[0] != 'munged' or (home / 'munge.socket').exists(), home)
        states = lambda: subprocess.run(['sinfo', '-h', '-o', '%T'], env=env, capture_output=True, check=False).stdout
        wait(lambda: running[-1].poll() is not None or b'idle' in states(), home)
        if running[-1].poll() is not None:
            tap.skip('Slurm does not start here: ' + (home / 'slurmd.out').read_text(errors='replace').strip()[-300:])
        yield {'SLURM_CONF': env['SLURM_CONF']}
    finally:
        for process in reversed(running):
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait(until, home, seconds=60):
    end = time.monotonic() + seconds
    while not until():
        tap.true(time.monotonic() < end, *(path.read_text(errors='replace')[-3000:] for path in sorted(home.glob('*.out'))))
        time.sleep(0.1)


def submit(folder, env, *options):
    """The script of the page, as a user hands it in; until all of its tasks have ended."""
    return subprocess.run(['sbatch', '--wait', f'--array=0-{TASKS - 1}', '--cpus-per-task=1', '--output', folder / 'task.%a.out',
                           script(folder, 'slurm'), folder / 'list', folder, *map(str, options)], cwd=folder, env=surroundings(folder, env),
                          capture_output=True, check=False, timeout=300)


@tap.case('Slurm job array: every name once, also when it is handed in again')
def _():
    needs('munged', 'slurmctld', 'slurmd', 'sbatch', 'sinfo', 'awk')
    if os.getuid() != 0:
        tap.skip('only root runs slurmd')
    with tap.scratch() as folder:
        names = archive(folder, 25)[1:]     # the first holds a line end
        (folder / 'list').write_text(''.join(f'{name}\n' for name in names))
        (folder / 'cluster').mkdir(mode=0o755)
        with cluster(folder / 'cluster') as env:
            for _ in range(2):
                done = submit(folder, env, *pki.get().trust)
                said = [path.read_text(errors='replace') for path in sorted(folder.glob('task.*.out'))]
                tap.equal((done.returncode, len(said)), (0, TASKS), done, said)
                parts = [rows(folder / f'results.{task}.ndjson') for task in range(TASKS)]
                tap.true(all(parts), parts)
                tap.equal(sorted(row['file'] for part in parts for row in part), sorted(map(str, names)))
        version = subprocess.run(['slurmd', '-V'], capture_output=True, check=True).stdout.decode().strip()
        tap.note(f'{version}: {TASKS} tasks')


tap.main()
