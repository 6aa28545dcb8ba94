@echo off
rem Runs the canonica command on Windows: finds a JDK, builds what is missing or out of date, and starts it. The same as the file canonica for other
rem systems, without its archive of classes and without --spark.
rem CANONICA_JAVA_OPTS: more options for Java, such as -Xmx8g.
setlocal
set "needed=25.0.3"
set "modules=tensor autodiff learning cuda-kernels data models clarid cadistill cli"
set "CANONICA_ROOT=%~dp0"
set "target=%CANONICA_ROOT%cli\target\quick"
set "jar=%target%\canonica.jar"
set "CANONICA_BUILT=%target%\built"

set "jdk="
if defined JAVA_HOME call :take "%JAVA_HOME%"
if not defined jdk for /f "delims=" %%j in ('where java.exe 2^>nul') do if not defined jdk call :take "%%~dpj.."
if not defined jdk for /d %%j in ("%ProgramFiles%\Eclipse Adoptium\jdk-*") do call :take "%%j"
if not defined jdk for /d %%j in ("%ProgramFiles%\Java\jdk-*") do call :take "%%j"
if not defined jdk (
    echo canonica: needs a JDK of at least %needed%, and found none; to install one: winget install EclipseAdoptium.Temurin.25.JDK 1>&2
    exit /b 2
)
if not exist "%jar%" goto build
if not exist "%CANONICA_BUILT%" goto build
call :current
if errorlevel 1 goto build
goto start

:build
where mvn >nul 2>nul
if errorlevel 1 (
    echo canonica: needs Maven to build itself, and found none; https://maven.apache.org/install.html says how to install it 1>&2
    exit /b 2
)
echo canonica: building with Maven, the first time and after changes 1>&2
if not exist "%target%" mkdir "%target%"
rem As old as the build's start, so that what is edited meanwhile is built next time.
type nul > "%CANONICA_BUILT%.new"
set "JAVA_HOME=%jdk%"
call mvn -B -ntp -Dquick -f "%CANONICA_ROOT%pom.xml" -pl cli -am package > "%target%\build.log" 2>&1
if errorlevel 1 (
    findstr /v /b /c:"[INFO]" /c:"[WARNING]" "%target%\build.log" 1>&2
    echo canonica: the build failed 1>&2
    exit /b 1
)
move /y "%CANONICA_BUILT%.new" "%CANONICA_BUILT%" >nul

:start
"%jdk%\bin\java.exe" --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED %CANONICA_JAVA_OPTS% -Dcanonica.home="%CANONICA_ROOT%." -cp "%jar%" dev.canonica.cli.Canonica %*
exit /b %errorlevel%

rem Sets jdk to a folder if there is a JDK in it that is new enough.
:take
if not exist "%~1\bin\javac.exe" exit /b
if not exist "%~1\release" exit /b
set "version="
for /f "tokens=2 delims==" %%v in ('findstr /b "JAVA_VERSION=" "%~1\release"') do set "version=%%~v"
if not defined version exit /b
for /f "tokens=1 delims=-+_" %%v in ("%version%") do set "version=%%v"
for /f "tokens=1-3 delims=." %%a in ("%version%.0.0") do call :compare %%a %%b %%c
if errorlevel 1 exit /b
set "jdk=%~f1"
exit /b

rem Fails if a version is older than the needed one.
:compare
for /f "tokens=1-3 delims=." %%a in ("%needed%") do (
    if %1 lss %%a exit /b 1
    if %1 gtr %%a exit /b 0
    if %2 lss %%b exit /b 1
    if %2 gtr %%b exit /b 0
    if %3 lss %%c exit /b 1
)
exit /b 0

rem Fails if a source is newer than the build.
:current
set "CANONICA_MODULES=%modules%"
powershell -NoProfile -Command "$built = (Get-Item -LiteralPath $env:CANONICA_BUILT).LastWriteTimeUtc; $places = @($env:CANONICA_ROOT + 'pom.xml'); foreach ($m in $env:CANONICA_MODULES.Split(' ')) { $places += ($env:CANONICA_ROOT + $m + '\pom.xml'); $places += ($env:CANONICA_ROOT + $m + '\src\main') }; if (Get-ChildItem -LiteralPath $places -Recurse -File | Where-Object { $_.LastWriteTimeUtc -gt $built } | Select-Object -First 1) { exit 1 }"
exit /b %errorlevel%
