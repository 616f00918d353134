"""A library that another would load for nothing stays out of one thread's imports, and of nothing else."""

import subprocess
import sys


def run(program: str) -> None:
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_what_reaches_a_partner_does_not_load_what_runs_programs_of_an_ssh_configuration():
    run(
        "import sys; finders = list(sys.meta_path)\n"
        "from gateway.spared import spared\n"
        "with spared('invoke'): import gateway.delivery.sftp\n"
        "assert 'paramiko' in sys.modules and 'invoke' not in sys.modules\n"
        "assert sys.meta_path == finders\n"
        "import invoke"
    )


def test_other_threads_have_the_library_meanwhile():
    run(
        "import threading\n"
        "from gateway.spared import spared\n"
        "def wanted(): import colorsys; found.append(colorsys)\n"
        "found, other = [], threading.Thread(target=wanted)\n"
        "with spared('colorsys'):\n"
        "    try: wanted()\n"
        "    except ModuleNotFoundError as error: found.append(error.name)\n"
        "    other.start(); other.join()\n"
        "    wanted()\n"
        "assert [getattr(each, '__name__', each) for each in found] == ['colorsys'] * 3 and found[0] == 'colorsys'"
    )


def test_the_library_may_be_missed_although_the_import_fails():
    run(
        "import sys; finders = list(sys.meta_path)\n"
        "from gateway.spared import spared\n"
        "try:\n"
        "    with spared('colorsys'): import no_library_has_this_name\n"
        "except ModuleNotFoundError as error: assert error.name == 'no_library_has_this_name'\n"
        "assert sys.meta_path == finders; import colorsys"
    )
